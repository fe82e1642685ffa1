/**
 * Completes 17 digits to an ID number. Written the recursive way of ISO 7064 (MOD 11-2), so that it
 * shares nothing with the weights of GB 11643-1999 that lib/ uses.
 */
export function withCheckCharacter(first17: string): string {
  const product = Array.from(first17).reduce((sum, digit) => ((sum + Number(digit)) * 2) % 11, 0)
  const check = (12 - product) % 11
  return first17 + (check === 10 ? 'X' : String(check))
}

export function idNumberBorn(birthDate: string): string {
  return withCheckCharacter(`110101${birthDate}001`)
}
