import { REFERENCE } from '../../lib/http/record-endpoints.ts'
import { LONGEST_CARD, SEPARATORS, SHORTEST_CARD } from '../../lib/verification/card-number.ts'
import { PROVINCE, RESIDENCE_PERMIT } from '../../lib/verification/id-number.ts'
import {
  HAN,
  HAN_LENGTH,
  INTERPUNCT,
  LATIN_LENGTH,
  LATIN_LETTER,
} from '../../lib/verification/person-name.ts'
import { characterClass } from './character-class.ts'
import { patternOf, type Schema } from './json-schema.ts'
import type { Words } from './words.ts'

// U+FEFF is white space in JavaScript only.
const SPACE = '[\\s\\ufeff]'

const patterns = {
  name: namePattern(),
  idNumber: idNumberPattern(),
  cardNumber: cardNumberPattern(),
}

/**
 * The fields of a request. Each pattern lets through whatever its parser does, spelled as a caller
 * may spell it; what a pattern cannot say stands in the description.
 */
export function fieldSchemas({ say }: Words): Record<string, Schema> {
  return {
    PersonName: {
      type: 'string',
      pattern: patterns.name,
      description: say(
        `The holder's name: a Chinese one of ${HAN_LENGTH.join(' to ')} characters, or a Latin one of up to ${LATIN_LENGTH[1]}. Counted in code points after NFC, so a rare character counts once. Spaces around it and between Chinese characters are dropped; any usual dot between Chinese characters becomes \`·\`, which counts as a character. Letters may come decomposed, where NFC has one character for a letter with its marks. A private-use character passes with a warning.`,
        `持卡人姓名：中文姓名 ${HAN_LENGTH.join(' 至 ')} 个字，或至多 ${LATIN_LENGTH[1]} 个字符的拉丁字母姓名。按 NFC 规范化后的码位计数，生僻字只算一个字。首尾空格以及汉字之间的空格会被去除；汉字之间常见的间隔点一律转换为 \`·\`，计作一个字。字母可采用分解形式，但须在 NFC 中有对应的单个字符。私用区字符可以通过，但会产生警告。`,
      ),
      examples: ['张三', '买买提·艾力', 'Maria Santos'],
    },
    IdNumber: {
      type: 'string',
      pattern: patterns.idNumber,
      description: say(
        'ID number of 18 characters (GB 11643-1999): a mainland resident, a residence permit of Hong Kong, Macao or Taiwan residents (81, 82, 83), or a foreign permanent resident card (9). The pattern cannot say the rest: the last character is the check character of ISO 7064 MOD 11-2, and the birth date is a day of the calendar that is not in the future. A number of 15 digits is refused with a code of its own.',
        '18 位身份证件号码（GB 11643-1999）：内地居民身份证、港澳台居民居住证（81、82、83 开头），或外国人永久居留身份证（9 开头）。正则表达式无法表达的规则：末位是 ISO 7064 MOD 11-2 校验码；出生日期须真实存在且不晚于今天。15 位旧号码会以专门的代码拒绝。',
      ),
      examples: ['110101190001010014'],
    },
    CardNumber: {
      type: 'string',
      pattern: patterns.cardNumber,
      description: say(
        `Card number of ${SHORTEST_CARD} to ${LONGEST_CARD} digits that does not start with 0. Spaces, hyphens, full-width digits and whatever else NFKC turns into one of these are accepted; a single character that stands for two digits (⑩) passes too, which the pattern cannot count. A last digit that breaks the Luhn rule is only a warning: UnionPay does not guarantee that rule.`,
        `${SHORTEST_CARD} 至 ${LONGEST_CARD} 位卡号，首位不为 0。可含空格、连字符、全角数字，以及经 NFKC 转换后成为它们的其他字符；一个字符表示两位数字的写法（如 ⑩）也能通过，但正则表达式无法计数。末位不符合 Luhn 规则只会产生警告：银联并不保证该规则。`,
      ),
      examples: ['6299990000000017'],
    },
    Reference: {
      type: 'string',
      pattern: patternOf(REFERENCE),
      description: say(
        'Your own reference. It is recorded and echoed, so one that passes for a card or ID number, or hides one, is refused with `personal_data`; the pattern cannot say that.',
        '调用方自己的编号，会被记录并原样返回；因此形似卡号或身份证号、或其中藏有此类号码的编号会以 `personal_data` 拒绝，这一点正则表达式无法表达。',
      ),
      examples: ['payout-8841'],
    },
  }
}

function namePattern(): string {
  const [fewest, most] = HAN_LENGTH
  const han = inNfc(HAN)
  const dot = inNfc(INTERPUNCT)
  const chinese = `${han}(?:${SPACE}*(?:${dot}${SPACE}*)?${han}){${fewest - 1},${most - 1}}`
  // A letter may come with its marks apart.
  const letter = `${inNfc(LATIN_LETTER)}[\\u0300-\\u036f]*`
  const sign = "[ ,.'\\u002d]"
  const latin = `${sign}*${letter}(?:${letter}|${sign}){0,${LATIN_LENGTH[1] - 1}}`
  return `^${SPACE}*(?:${chinese}|${latin})${SPACE}*$`
}

function inNfc(characters: string): string {
  const allowed = new RegExp(`^${characters}$`, 'u')
  return characterClass((character) => allowed.test(character.normalize('NFC')))
}

function idNumberPattern(): string {
  const region = `(?:${PROVINCE}[0-9]{4}|${RESIDENCE_PERMIT.source.slice(1)}|9${PROVINCE}[0-9]{3})`
  const birthDate = '(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])'
  return `^${region}${birthDate}[0-9]{3}[0-9Xx]$`
}

function cardNumberPattern(): string {
  const inNfkc = (digits: RegExp) =>
    characterClass((character) => digits.test(character.normalize('NFKC')))
  const hyphen = characterClass(
    (character) =>
      character.trim() !== '' && character.normalize('NFKC').replace(SEPARATORS, '') === '',
  )
  const separators = `[${inner(SPACE)}${inner(hyphen)}]*`
  const further = `(?:${separators}${inNfkc(/^[0-9]$/)}){${SHORTEST_CARD - 1},${LONGEST_CARD - 1}}`
  return `^${separators}${inNfkc(/^[1-9]$/)}${further}${separators}$`
}

function inner(characters: string): string {
  return characters.slice(1, -1)
}
