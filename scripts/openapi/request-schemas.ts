import type {
  ThreeElementPerson,
  TwoElementPerson,
} from '../../lib/verification/verification-request.ts'
import { closed, ref, type Schema } from './json-schema.ts'
import type { Words } from './words.ts'

const two = {
  name: ref('PersonName'),
  cardNumber: ref('CardNumber'),
} satisfies Record<keyof TwoElementPerson, Schema>
const three = {
  name: two.name,
  idNumber: ref('IdNumber'),
  cardNumber: two.cardNumber,
} satisfies Record<keyof ThreeElementPerson, Schema>
const reference = ref('Reference')

/** The fields of each body. */
export const bodyFields = {
  verifyThreeElement: Object.keys({ ...three, reference }),
  verifyTwoElement: Object.keys({ ...two, reference }),
}

export function requestSchemas({ say }: Words): Record<string, Schema> {
  return {
    ThreeElementRequest: {
      ...closed({ ...three, reference }, Object.keys(three)),
      description: say(
        'Whom to ask about: name, ID number and card number.',
        '要核验的人：姓名、身份证号、卡号。',
      ),
    },
    TwoElementRequest: {
      ...closed({ ...two, reference }, Object.keys(two)),
      description: say('Whom to ask about: name and card number.', '要核验的人：姓名、卡号。'),
    },
  }
}
