/** One language, or English with Chinese below it. */
export type Edition = 'en' | 'zh' | 'both'

type Say = (en: string, zh: string) => string

export type Words = {
  readonly edition: Edition
  /** Prose, in CommonMark. */
  readonly say: Say
  /** A title or any other text of one line. */
  readonly name: Say
}

export function wordsOf(edition: Edition): Words {
  const joined = (separator: string) => (en: string, zh: string) =>
    edition === 'both' ? en + separator + zh : { en, zh }[edition]
  return { edition, say: joined('\n\n'), name: joined(' · ') }
}
