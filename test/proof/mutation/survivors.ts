import type { Mutant } from './report.ts'

/**
 * `equivalent`: it does the same for every input, so that no test could tell. `accepted`: it does
 * not, and is not worth a test.
 */
type Reason = { kind: 'equivalent' | 'accepted'; why: string }

/** Why a mutant survives; one that is not here is a gap in the tests. */
const reasons: readonly [
  file: string,
  original: string,
  replacement: string,
  kind: Reason['kind'],
  why: string,
][] = [
  [
    'lib/providers/juhe/juhe-cipher.ts',
    "'utf8'",
    '""',
    'equivalent',
    'Node reads text as UTF-8 where no encoding is named',
  ],
  [
    'lib/providers/databao/aliyun-gateway-codes.ts',
    'code !== undefined',
    'true',
    'equivalent',
    'no code matches the pattern as `undefined` either',
  ],
  [
    'lib/providers/databao/aliyun-gateway-codes.ts',
    'code === undefined',
    'false',
    'equivalent',
    'no code matches the pattern as `undefined` either',
  ],
  [
    'lib/providers/databao/aliyun-gateway-codes.ts',
    "''",
    '"Stryker was here!"',
    'equivalent',
    'no message of the table stands in it',
  ],
  [
    'lib/providers/databao/databao-wire.ts',
    'state !== undefined',
    'true',
    'equivalent',
    'no table has a key `undefined`',
  ],
  [
    'lib/providers/juhe/juhe-wire.ts',
    "''",
    '"Stryker was here!"',
    'equivalent',
    'a text with a space is no openid, as the empty one is none',
  ],
  [
    'lib/providers/juhe/juhe-wire.ts',
    'res !== undefined',
    'true',
    'equivalent',
    'no table has a key `undefined`',
  ],
  [
    'lib/providers/juhe/juhe-wire.ts',
    'oldCode !== undefined',
    'true',
    'equivalent',
    'no table has a key `undefined`',
  ],
  [
    'lib/providers/read-answer.ts',
    "''",
    '"Stryker was here!"',
    'equivalent',
    'only colons are counted, and it has none',
  ],
  [
    'lib/providers/read-answer.ts',
    'text === undefined',
    'false',
    'equivalent',
    'the parser refuses it likewise',
  ],
  [
    'lib/providers/read-answer.ts',
    '{\n    return undefined\n  }',
    '{}',
    'equivalent',
    'a function that ends returns undefined',
  ],
  [
    'lib/telemetry/log.ts',
    "''",
    '"Stryker was here!"',
    'equivalent',
    'a line of this kind is no frame and is dropped like an empty one',
  ],
  [
    'lib/verification/card-number.ts',
    'sum += place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled',
    'sum -= place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled',
    'equivalent',
    'the negative of a multiple of 10 is one too',
  ],
  [
    'lib/verification/card-number.ts',
    'doubled > 9',
    'doubled >= 9',
    'equivalent',
    'twice a digit is never 9',
  ],
  [
    'lib/verification/id-number.ts',
    '/^[0-9]{17}[0-9X]$/',
    '/[0-9]{17}[0-9X]$/',
    'equivalent',
    'the length is 18 by then',
  ],
  [
    'lib/verification/id-number.ts',
    '/^[0-9]{17}[0-9X]$/',
    '/^[0-9]{17}[0-9X]/',
    'equivalent',
    'the length is 18 by then',
  ],
  [
    'lib/verification/issuer.ts',
    '10 ** bin.length - 1',
    '10 ** bin.length + 1',
    'equivalent',
    'both have as many digits in base 36, at every length of a BIN',
  ],
  [
    'lib/verification/issuer.ts',
    'entries.length / width',
    'entries.length * width',
    'equivalent',
    'the search begins further up and comes to the same place',
  ],
  [
    'lib/verification/issuer.ts',
    'found < sought',
    'found <= sought',
    'equivalent',
    'an equal one has been returned by then',
  ],
  [
    'lib/verification/reference.ts',
    "'value'",
    '""',
    'equivalent',
    'the next rule finds a whole ID number as well',
  ],
  [
    'lib/verification/reference.ts',
    'at + 18',
    'at - 18',
    'equivalent',
    'the further slices are too short for an ID number',
  ],
  [
    'lib/verification/reference.ts',
    '[]',
    '["Stryker was here"]',
    'equivalent',
    'it is no card number',
  ],
  [
    'lib/verification/person-name.ts',
    "'u'",
    '""',
    'equivalent',
    'these ranges have no code point beyond 16 bits',
  ],
  [
    'lib/verification/verification-request.ts',
    'name && idNumber && cardNumber',
    'true',
    'accepted',
    'the request is refused all the same; a reference that repeats a number is then told as well',
  ],
  [
    'lib/verification/verification-request.ts',
    'name && idNumber && cardNumber',
    'name && idNumber || cardNumber',
    'accepted',
    'the request is refused all the same; a reference that repeats a number is then told as well',
  ],
  [
    'lib/verification/verification-request.ts',
    'name && idNumber',
    'true',
    'accepted',
    'the request is refused all the same; a reference that repeats a number is then told as well',
  ],
  [
    'lib/verification/verification-request.ts',
    'name && idNumber',
    'name || idNumber',
    'accepted',
    'the request is refused all the same; a reference that repeats a number is then told as well',
  ],
  [
    'lib/verification/verification-request.ts',
    'name && cardNumber',
    'true',
    'accepted',
    'the request is refused all the same; a reference that repeats a number is then told as well',
  ],
  [
    'lib/verification/verification-request.ts',
    'name && cardNumber',
    'name || cardNumber',
    'accepted',
    'the request is refused all the same; a reference that repeats a number is then told as well',
  ],
]

export function reasonFor(mutant: Mutant): Reason | undefined {
  const found = reasons.find(
    ([file, original, replacement]) =>
      file === mutant.file && original === mutant.original && replacement === mutant.replacement,
  )
  return found && { kind: found[3], why: found[4] }
}
