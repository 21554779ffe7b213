/**
 * Currency marks: signs like `€` and `US$`, words like `kr`, and ISO 4217 codes, each with the
 * currencies that it can mean. `split-amount.ts` finds them in an amount.
 */
import { currencyCodes } from './currency-code.ts';

const dollars =
  'USD AUD CAD NZD HKD SGD TWD MXN ARS CLP COP BBD BMD BND BSD BZD CUP DOP FJD GYD JMD KYD LRD NAD SBD SRD TTD UYU XCD';
const pounds = 'GBP EGP FKP GIP LBP SDG SHP SSP SYP';
const crowns = 'SEK NOK DKK ISK';
const rupees = 'INR PKR LKR NPR MUR SCR';

/** Marks, and the currencies that they can mean. `_` stands for a space. */
const markTable: readonly (readonly [marks: string, currencies: string])[] = [
  ['$ ＄', dollars],
  ['US$ $US $_US', 'USD'],
  ['A$ AU$ $AU $_AU', 'AUD'],
  ['C$', 'CAD NIO'],
  ['CA$ Can$ CDN$ $CA', 'CAD'],
  ['NZ$ $NZ $_NZ', 'NZD'],
  ['HK$ $HK $_HK', 'HKD'],
  ['S$ SG$ $SG $_SG', 'SGD'],
  ['NT$ TW$', 'TWD'],
  ['MX$ Mex$ $MX', 'MXN'],
  ['AR$ $AR', 'ARS'],
  ['CL$ $CL', 'CLP'],
  ['CO$ COL$ $CO', 'COP'],
  ['UY$ $U $UY', 'UYU'],
  ['R$ BR$', 'BRL'],
  ['RD$', 'DOP'],
  ['J$ JM$', 'JMD'],
  ['TT$', 'TTD'],
  ['BZ$', 'BZD'],
  ['B$', 'BND BSD'],
  ['Bds$', 'BBD'],
  ['BD$', 'BMD'],
  ['CI$', 'KYD'],
  ['EC$', 'XCD'],
  ['FJ$', 'FJD'],
  ['G$ GY$', 'GYD'],
  ['L$', 'LRD'],
  ['N$', 'NAD'],
  ['SI$', 'SBD'],
  ['Sr$', 'SRD'],
  ['T$', 'TOP'],
  ['WS$', 'WST'],
  ['Z$', 'ZWL'],
  ['MOP$', 'MOP'],
  ['€', 'EUR'],
  ['£ ￡ ₤', pounds],
  ['UK£ £GB', 'GBP'],
  ['E£ £E EG£', 'EGP'],
  ['L£ £L £LB', 'LBP'],
  ['¥ ￥', 'JPY CNY'],
  ['JP¥ 円', 'JPY'],
  ['CN¥ ¥CN RMB', 'CNY'],
  ['元', 'CNY TWD HKD'],
  ['kr kr. Kr Kr.', crowns],
  ['Skr SKr', 'SEK'],
  ['Nkr NKr', 'NOK'],
  ['Dkr DKr', 'DKK'],
  ['Ikr IKr', 'ISK'],
  ['zł Zł zl', 'PLN'],
  ['Kč', 'CZK'],
  ['Ft', 'HUF'],
  ['lei Lei', 'RON MDL'],
  ['лв лв.', 'BGN'],
  ['₽ руб руб.', 'RUB'],
  ['₴ грн грн.', 'UAH'],
  ['₺ TL', 'TRY'],
  ['₹', 'INR'],
  ['Rs Rs. ₨', rupees],
  ['₩ ￦', 'KRW KPW'],
  ['원', 'KRW'],
  ['₪ NIS', 'ILS'],
  ['₫ đ', 'VND'],
  ['฿', 'THB'],
  ['₦', 'NGN'],
  ['₱', 'PHP CUP'],
  ['₸', 'KZT'],
  ['₮', 'MNT'],
  ['₭', 'LAK'],
  ['₡', 'CRC'],
  ['₲', 'PYG'],
  ['₵ GH₵', 'GHS'],
  ['₼', 'AZN'],
  ['₾', 'GEL'],
  ['֏', 'AMD'],
  ['؋', 'AFN'],
  ['৳ Tk Tk.', 'BDT'],
  ['៛', 'KHR'],
  ['⃀', 'KGS'],
  ['﷼', 'IRR OMR QAR SAR YER'],
  ['R', 'ZAR'],
  ['Fr Fr. SFr SFr.', 'CHF'],
  ['CFA FCFA F_CFA', 'XAF XOF'],
  ['CFP CFPF FCFP F_CFP', 'XPF'],
  ['Cg Cg.', 'XCG'],
  ['kn', 'HRK'],
  ['Kz', 'AOA'],
  ['Gs Gs.', 'PYG'],
  ['S/ S/.', 'PEN'],
  ['B/.', 'PAB'],
  ['Bs Bs.', 'BOB VES'],
  ['Q', 'GTQ'],
  ['L', 'HNL'],
  ['RM', 'MYR'],
  ['Rp Rp.', 'IDR'],
  ['KSh Ksh', 'KES'],
  ['TSh', 'TZS'],
  ['USh', 'UGX'],
  ['KM', 'BAM'],
  ['Br', 'BYN ETB'],
  ['дин дин.', 'RSD'],
  ['د.إ د.إ.', 'AED'],
  ['د.ب د.ب.', 'BHD'],
  ['د.ج د.ج.', 'DZD'],
  ['ج.م ج.م.', 'EGP'],
  ['د.ع د.ع.', 'IQD'],
  ['د.أ د.أ.', 'JOD'],
  ['د.ك د.ك.', 'KWD'],
  ['ل.ل ل.ل.', 'LBP'],
  ['د.م د.م.', 'MAD'],
  ['ر.ع ر.ع.', 'OMR'],
  ['ر.ق ر.ق.', 'QAR'],
  ['ر.س ر.س.', 'SAR'],
  ['د.ت د.ت.', 'TND'],
];

/** Marks that also stand beside other numbers: rooms, feet, kilometres, models, parts. */
const weakMarks: ReadonlySet<string> = new Set(
  'R Q L RM KM Ft TL Br Bs Fr Rs kr Kr lei Lei kn Kz Tk Gs Cg zl NIS CFA CFP'.split(' '),
);

const currenciesByMark: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>(
  [
    ...currencyCodes.map((code) => [code, [code]] as const),
    ...markTable.flatMap(([marks, currencies]) =>
      marks.split(' ').map((mark) => [mark.replace('_', ' '), currencies.split(' ')] as const),
    ),
  ],
);

export const maxMarkLength = Math.max(...[...currenciesByMark.keys()].map((mark) => mark.length));

/** Whether a text is a mark or a code. */
export function isKnownMark(text: string): boolean {
  return currenciesByMark.has(text);
}

/** The currencies that a mark can mean. Empty for signs without an ISO 4217 currency, like ₿. */
export function currenciesOf(mark: string): readonly string[] {
  return currenciesByMark.get(mark) ?? [];
}

/** The marks that amounts of a currency may have, its code first. */
export function marksOf(currency: string): readonly string[] {
  return [...currenciesByMark].flatMap(([mark, currencies]) =>
    currencies.includes(currency) ? [mark] : [],
  );
}

/**
 * Whether the mark alone shows that a column holds money. If not, it must be a mark of the
 * organization's currency too.
 */
export function isClearMark(mark: string): boolean {
  return !weakMarks.has(mark);
}
