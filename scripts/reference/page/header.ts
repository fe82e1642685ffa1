import { addressIn, type Language } from './language.ts'
import type { Words } from './words.ts'

const NAMES: Record<Language, { text: string; tag: string }> = {
  en: { text: 'EN', tag: 'en' },
  zh: { text: '中文', tag: 'zh-CN' },
}

/** Fills the bar above the reference. */
export function fillHeader(header: Element, language: Language, use: 'try' | 'read', words: Words) {
  const brand = element('a', { class: 'brand', href: '#' }, [
    element('span', { class: 'mark', 'aria-hidden': 'true' }),
    element('strong', {}, ['bankcard-verify']),
    element('span', { class: 'subtitle' }, [words.title]),
  ])
  const badge = element('span', { class: `use ${use}`, title: words[`${use}Hint`] }, [words[use]])
  const problems = element('a', { class: 'problems', href: '#tag/problems' }, [words.problems])
  const languages = (['en', 'zh'] as const).map((one) => languageLink(one, one === language))
  const choice = element('nav', { class: 'languages', 'aria-label': words.language }, languages)
  header.replaceChildren(brand, badge, problems, choice)
}

function languageLink(language: Language, isCurrent: boolean): HTMLElement {
  const { text, tag } = NAMES[language]
  const attributes = { lang: tag, hreflang: tag, href: `?lang=${language}` }
  const link = element('a', attributes, [text])
  if (isCurrent) link.setAttribute('aria-current', 'true')
  link.addEventListener('click', (event) => {
    event.preventDefault()
    // The address names the section in view, so the other language opens there.
    location.assign(addressIn(language, location.href))
  })
  return link
}

/** An element with its attributes; texts stay texts. */
export function element(
  name: string,
  attributes: Record<string, string>,
  children: (Node | string)[] = [],
): HTMLElement {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  made.append(...children)
  return made
}
