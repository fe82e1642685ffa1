import type { Write } from '../../../lib/ledger/dynamo-table.ts'
import type { SpoilWrite } from './races.ts'

const withCondition = (write: Write, condition: (text: string) => string): Write => ({
  ...write,
  ...(write.condition === undefined ? {} : { condition: condition(write.condition) }),
})
const always = (write: Write) => withCondition(write, () => 'attribute_not_exists(nothing)')
const isReserving = ({ update }: Write) => update?.startsWith('SET phase = :reserved') ?? false
const isMarking = ({ update }: Write) => update?.startsWith('SET phase = :sent') ?? false

/** Builds that are broken in one place each. */
export const controls: Record<string, SpoilWrite> = {
  'a reservation always succeeds': (_, write) => (isReserving(write) ? always(write) : write),
  'marking as sent is skipped': (_, write) => (isMarking(write) ? undefined : write),
  'a lease ends before its holder does': (_, write) =>
    isReserving(write)
      ? { ...write, values: { ...write.values, ':lease': write.values?.[':now'] ?? 0 } }
      : write,
  'an unknown outcome is forgotten': (_, write) =>
    withCondition(write, (text) =>
      text.replaceAll('attribute_not_exists(unsettled)', 'phase <> :me'),
    ),
  'a claim is given back whatever has become of it': (_, write) =>
    withCondition(write, (text) =>
      text === 'holder = :me AND phase = :reserved' ? 'holder = :me' : text,
    ),
  'a card has no limit': ({ pk }, write) => (pk.startsWith('card#') ? always(write) : write),
  'a provider has no limit': ({ pk }, write) =>
    pk.startsWith('provider-day#') ? always(write) : write,
}
