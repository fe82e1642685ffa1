import { inventedPerson } from '../../ledger/long/invented-person.ts'
import { pick, type Random } from '../random.ts'
import type { Person } from './channels.ts'

const NAMES = ['张三', '欧阳小明', '阿依古丽·买买提', '𠮷田一', 'Anna-Maria O.Neil']

/** Nobody twice in one run, so that no answer is reused and no guard comes between. */
export function inventedPeople(random: Random): () => Person {
  let number = 0
  return () => ({ ...inventedPerson(number++), name: pick(random, NAMES) })
}
