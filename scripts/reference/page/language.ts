export type Language = 'en' | 'zh'

/** `?lang=` says it; without one the reader's browser does. */
export function chosenLanguage(search: string, preferred: readonly string[]): Language {
  const asked = new URLSearchParams(search).get('lang')
  if (asked === 'en' || asked === 'zh') return asked
  const known = preferred.find((tag) => /^(en|zh)\b/i.test(tag))
  return known?.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

/** The same place of the page in another language. */
export function addressIn(language: Language, current: string): string {
  const address = new URL(current)
  address.searchParams.set('lang', language)
  return address.href
}
