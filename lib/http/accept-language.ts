import type { Language } from '../errors/problem-catalog.ts'

/** Chinese where the caller prefers it over English (RFC 9110 §12.5.4), else English. */
export function preferredLanguage(acceptLanguage = ''): Language {
  const quality: Record<Language, number> = { en: 0, zh: 0 }
  const ranges = acceptLanguage.toLowerCase().split(',', 50)
  ranges.forEach((range, place) => {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim())
    const language = tag.split('-')[0]
    if (language !== 'en' && language !== 'zh') return
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    // Of two with the same quality, the one named first is preferred.
    const weight = (q === undefined ? 1 : Number(q) || 0) - place / 1e6
    quality[language] = Math.max(quality[language], weight)
  })
  return quality.zh > quality.en ? 'zh' : 'en'
}
