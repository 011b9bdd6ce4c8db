/**
 * The codeset of a locale whose name has none (`LANG=zh_CN`), as glibc's SUPPORTED and locale.alias have it. What
 * does not stand here is UTF-8, as with every locale that was made since.
 */
const LOCALES_BY_CODESET: Readonly<Record<string, string>> = {
  gb2312: 'zh_CN zh_SG',
  big5: 'zh_TW',
  big5hkscs: 'zh_HK',
  eucjp: 'ja_JP japanese',
  euckr: 'ko_KR korean',
  iso88591:
    'aa_DJ af_ZA br_FR ca_ES da_DK de_AT de_BE de_CH de_DE de_IT de_LU en_AU en_BW en_CA en_DK en_GB en_HK en_IE ' +
    'en_NZ en_PH en_SG en_US en_ZA en_ZW es_AR es_BO es_CL es_CO es_CR es_DO es_EC es_ES es_GT es_HN es_MX es_NI ' +
    'es_PA es_PE es_PR es_PY es_SV es_US es_UY es_VE et_EE eu_ES eu_FR fi_FI fo_FO fr_BE fr_CA fr_CH fr_FR fr_LU ' +
    'ga_IE gl_ES gv_GB id_ID is_IS it_CH it_IT kl_GL kw_GB ms_MY nb_NO nl_BE nl_NL nn_NO no_NO oc_FR om_KE pt_BR ' +
    'pt_PT so_DJ so_KE so_SO sq_AL st_ZA sv_FI sv_SE tl_PH uz_UZ wa_BE xh_ZA zu_ZA',
  iso88592: 'bs_BA cs_CZ hr_HR hsb_DE hu_HU pl_PL ro_RO sk_SK sl_SI',
  iso88593: 'mt_MT',
  iso88595: 'mk_MK ru_RU',
  iso88596:
    'ar_AE ar_BH ar_DZ ar_EG ar_IQ ar_JO ar_KW ar_LB ar_LY ar_MA ar_OM ar_QA ar_SA ar_SD ar_SY ar_TN ar_YE',
  iso88597: 'el_CY el_GR',
  iso88598: 'he_IL',
  iso88599: 'ku_TR tr_CY tr_TR',
  iso885910: 'lg_UG',
  iso885913: 'lt_LT lv_LV mi_NZ',
  iso885914: 'cy_GB',
  iso885915: 'an_ES ast_ES ca_AD ca_FR ca_IT gd_GB mg_MG',
  windows1251: 'be_BY bg_BG',
  windows1255: 'yi_US',
  koi8r: 'russian',
  koi8t: 'tg_TJ',
  koi8u: 'ru_UA uk_UA',
  tis620: 'th_TH thai',
  georgianps: 'ka_GE',
  pt154: 'kk_KZ',
};

const CODESETS = new Map(
  Object.entries(LOCALES_BY_CODESET).flatMap(([codeset, locales]) =>
    locales.split(' ').map((locale) => [locale, codeset] as const),
  ),
);

/**
 * The codeset of a locale's name without one, such as `zh_CN` or `de_DE@euro`; undefined where it is UTF-8.
 */
export function findLocaleCodeset(locale: string, modifier: string): string | undefined {
  const codeset = CODESETS.get(locale);
  return codeset === 'iso88591' && modifier === 'euro' ? 'iso885915' : codeset;
}
