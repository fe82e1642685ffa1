import { scenarioCard } from '../../simulators/scenarios.ts'
import { withCheckCharacter } from '../../verification/sample-id-number.ts'

const FIRST = { match: 100_000_000, mismatch: 200_000_000 }
const SEQUENCES = 899
const BORN_FROM = Date.UTC(1950, 0, 1)
const DAY_MS = 86_400_000

/** Person `number` of many; no two share a card or an ID number. */
export function inventedPerson(number: number, verdict: 'match' | 'mismatch' = 'match') {
  const birth = new Date(BORN_FROM + Math.floor(number / SEQUENCES) * DAY_MS)
  const day = birth.toISOString().slice(0, 10).replaceAll('-', '')
  return {
    name: '张三',
    idNumber: withCheckCharacter(`110101${day}${100 + (number % SEQUENCES)}`),
    cardNumber: scenarioCard(FIRST[verdict] + number),
  }
}
