/**
 * Exports of common programs, imported without flags. Every value keeps the meaning that it had in
 * that program.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateOrganization } from '../../src/administration/organizations.ts';
import { fieldNameOf } from '../../src/sync/infer/field-names.ts';
import { type Imported, ImportPlace } from './import-place.ts';

function typesOf({ plan }: Imported): Record<string, string> {
  return Object.fromEntries(
    plan.columns.map(({ field, format }) => [String(field), format.type] as const),
  );
}

const shopify = `Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,Default Address Address2,Default Address City,Default Address Province Code,Default Address Country Code,Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags
'7231903834291,Ann,O'Neil,ann@x.org,yes,,1 Main St,,Portland,ON,NO,'02134,+1 503-555-0101,+15035550101,no,1234.50,7,"Likes red.
Calls on ""Mondays"".",no,"vip,newsletter"
'7231903834292,Bob,Ngo,bob@x.org,no,ACME,2 Side St,Apt 4,Oslo,ON,NO,'00501,,,no,0.00,0,,no,newsletter
'7231903834293,Zoë,Null,zoe@x.org,yes,,,,,,NO,,+47 22 00 00 00,'+4722000000,no,99.90,1,"=SUM(A1)",yes,"vip,wholesale,eu"
`;

test('a customer export of a shop keeps codes, phones, notes and money', async (context) => {
  const place = new ImportPlace(context);
  const imported = await place.import(place.write('customers_export.csv', shopify));
  assert.deepEqual([imported.report.added, imported.report.rejected], [3, 0]);
  const types = typesOf(imported);
  assert.equal(types['total_spent'], 'float');
  assert.equal(types['total_orders'], 'integer');
  assert.equal(types['accepts_email_marketing'], 'boolean');
  assert.equal(types['tax_exempt'], 'boolean');
  assert.deepEqual(await place.find('email:ann@x.org'), {
    customer_id: "'7231903834291",
    first_name: 'Ann',
    last_name: "O'Neil",
    email: 'ann@x.org',
    accepts_email_marketing: true,
    default_address_address1: '1 Main St',
    default_address_city: 'Portland',
    default_address_province_code: 'ON',
    default_address_country_code: 'NO',
    default_address_zip: "'02134",
    default_address_phone: '+1 503-555-0101',
    phone: '+15035550101',
    accepts_sms_marketing: 'no',
    total_spent: 1234.5,
    total_orders: 7,
    note: 'Likes red.\nCalls on "Mondays".',
    tax_exempt: false,
    tags: ['vip', 'newsletter'],
  });
  assert.equal((await place.find('email:zoe@x.org'))?.['last_name'], 'Null');
  assert.equal((await place.find('email:bob@x.org'))?.['total_spent'], 0);
});

const google = `First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address,Website 1 - Label,Website 1 - Value
Ann,B.,Lee,,,,Dr.,,,,Initech,Engineer,,1985-03-04,,,* myContacts ::: Friends,Home,ann@x.org,Mobile,+49 170 1234567,Work,030 123456,Home,"Weg 1
10115 Berlin
DE",Weg 1,Berlin,,BE,01067,DE,,Blog,https://x.org
Bo,,Yi,,,,,,,,,,, --05-14,a note,,* myContacts,* Home,bo@x.org,,0170 7654321,,,,,,,,,,,,,
`;

test('an export of an address book keeps phones, postal codes and birthdays', async (context) => {
  const place = new ImportPlace(context);
  const imported = await place.import(place.write('contacts.csv', google));
  assert.deepEqual([imported.report.added, imported.report.rejected], [2, 0]);
  const ann = await place.find('email:ann@x.org');
  assert.deepEqual(
    [ann?.['phone_1_value'], ann?.['phone_2_value'], ann?.['address_1_postal_code']],
    ['+49 170 1234567', '030 123456', '01067'],
  );
  assert.deepEqual(
    [ann?.['birthday'], ann?.['address_1_formatted'], ann?.['labels']],
    ['1985-03-04', 'Weg 1\n10115 Berlin\nDE', '* myContacts ::: Friends'],
  );
  assert.equal((await place.find('email:bo@x.org'))?.['birthday'], '--05-14');
});

const german = `Kundennummer;Anrede;Name;Straße;PLZ;Ort;E-Mail;Telefon;Geburtsdatum;Umsatz;Rabatt;Bestellungen;Punkte;Newsletter;Land
00417;Frau;Jürgen Groß;Königsallee 5;01067;Dresden;juergen@x.org;0351 123456;03.04.1985;1.234,50 €;5,5%;12;1.234;ja;NO
00418;Herr;Ann Müller;Weg 1;80331;München;ann@x.org;+49 89 1234;07.11.1990;0,99 €;10%;3;5.678;nein;DE
00419;;Bo Weiß;Gasse 9;04109;Leipzig;bo@x.org;;;-12,00 €;;0;;ja;NO
`;

test('a German export with semicolons, decimal commas and Windows-1252 is read correctly', async (context) => {
  const place = new ImportPlace(context);
  const administration = await place.administration();
  const settings = { locale: 'de-DE', currency: 'EUR' };
  await updateOrganization(administration, 1, { settings });
  await administration.catalog.close();
  const bytes = Buffer.from(german.replaceAll('€', '\u0080'), 'latin1');
  const imported = await place.import(place.write('kunden.csv', bytes));
  assert.deepEqual([imported.report.added, imported.report.rejected], [3, 0]);
  assert.match(imported.notes.join('\n'), /Windows-1252/);
  assert.deepEqual(await place.find('email:juergen@x.org'), {
    kundennummer: '00417',
    anrede: 'Frau',
    name: 'Jürgen Groß',
    strasse: 'Königsallee 5',
    plz: '01067',
    ort: 'Dresden',
    e_mail: 'juergen@x.org',
    telefon: '0351 123456',
    geburtsdatum: '1985-04-03',
    umsatz: 1234.5,
    rabatt: 0.055,
    bestellungen: 12,
    punkte: 1234,
    newsletter: 'ja',
    land: 'NO',
  });
  assert.equal((await place.find('email:bo@x.org'))?.['umsatz'], -12);
  const notes = new Map(imported.plan.columns.map(({ field, format }) => [field, format.note]));
  assert.match(notes.get('punkte') ?? '', /as in de-DE: 1\.234 is read as 1234/);
  assert.match(notes.get('geburtsdatum') ?? '', /day-first, as de-DE writes it/);
});

test('accented letters become plain ones in field names', () => {
  const columns = [
    'Straße',
    'GroßKunde',
    'STRAßE',
    'Fødselsår',
    'Œuvre',
    'Þjóð',
    'Łódź',
    'Đà Nẵng',
  ];
  assert.deepEqual(
    columns.map((column) => fieldNameOf(column, 1)),
    ['strasse', 'grosskunde', 'strasse', 'fodselsar', 'oeuvre', 'thjod', 'lodz', 'da_nang'],
  );
});

test('a dataset and its fields keep the names that an earlier release derived from such letters', async (context) => {
  const place = new ImportPlace(context);
  const path = place.write('Straßen.csv', 'email,Straße\na@x.org,Weg 1\n');
  const named = { dataset: 'stra_en', renames: new Map([['Straße', 'stra_e']]) };
  await place.import(path, named);
  const { report } = await place.import(path, { dataset: undefined });
  assert.deepEqual([report.dataset, report.unchanged], ['stra_en', 1]);
  const other = { dataset: 'other', prefix: 'other_', skips: ['stra_e'] };
  const { plan } = await place.import(path, other);
  assert.deepEqual(
    plan.columns.map(({ field }) => field),
    ['other_email', null],
  );
});
