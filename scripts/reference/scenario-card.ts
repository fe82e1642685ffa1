/** One scenario of the simulators, as the page offers it. */
export type ScenarioCard = {
  /** The name of the request example that it fills in. */
  example: string
  title: string
  /** What comes back: a verdict, or the code of a problem. */
  answer: string
  tone: 'match' | 'mismatch' | 'unverifiable' | 'problem'
  cardNumber: string
  /** What to expect besides. */
  note?: string
}
