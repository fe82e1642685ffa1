/** Of a card number; an ID number has more. */
const FEWEST_DIGITS = 12

/** The card and ID number of a request, to be searched for where they must not be. */
export function personalNumbers({ cardNumber, idNumber }: Readonly<Record<string, unknown>>) {
  return [cardNumber, idNumber]
    .map((number) => (typeof number === 'string' ? bare(number) : ''))
    .filter((number) => number.length >= FEWEST_DIGITS)
}

/** Whether a text has one of them, however its digits are written and separated. */
export function repeatsNumber(text: string, numbers: readonly string[]): boolean {
  const characters = bare(text)
  return numbers.some((number) => characters.includes(number))
}

/** Whether a text could hold anybody's number. */
export function mayHoldNumber(text: string): boolean {
  return new RegExp(`\\d{${FEWEST_DIGITS}}`).test(bare(text))
}

/** The four digits with which an answer names its card. */
export function last4Of({ cardNumber }: { cardNumber: string }): string {
  return bare(cardNumber).slice(-4)
}

function bare(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[^0-9A-Za-z]/g, '')
    .toUpperCase()
}
