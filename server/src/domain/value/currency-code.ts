/**
 * The currency codes of ISO 4217. Usher has its own table, so that a newer release of Node reads a
 * column in the same way.
 */

/**
 * Active codes, without metals, funds and tests (`XAU`, `XTS`). The last row: codes withdrawn in
 * the last ten years, which exports and organizations still use.
 */
const codes = `
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF
IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD
MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
UYU UZS VES VND VUV WST XAF XCD XCG XDR XOF XPF XSU YER ZAR ZMW ZWG
ANG BGN CUC HRK SLL ZWL`;

/** In alphabetical order. */
export const currencyCodes: readonly string[] = codes.trim().split(/\s/).sort();

const known: ReadonlySet<string> = new Set(currencyCodes);

/** Whether a text is a code of ISO 4217, in capital letters. */
export function isCurrencyCode(text: string): boolean {
  return known.has(text);
}
