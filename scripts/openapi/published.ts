import { openApiDocument } from './document.ts'

export const PUBLISHED = new URL('../../docs/openapi.json', import.meta.url)

/** What docs/openapi.json holds when it is up to date. */
export async function publishedText(): Promise<string> {
  const text = JSON.stringify(await openApiDocument('both'), null, 2)
  // No editor shows a private-use character.
  return `${text.replaceAll(/\p{Co}/gu, escaped)}\n`
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, place) => character.charCodeAt(place))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
