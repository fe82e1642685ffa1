import type { Language } from '../../lib/errors/problem-catalog.ts'
import type { JsonObject } from '../openapi/json-schema.ts'
import type { Use } from './page-document.ts'

/**
 * Nothing from another host, and no script in the page itself. Styles in elements are the
 * renderer's; images are its icons.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f766e"/><path d="M7 12h18M7 17l4 4 8-8" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>`

/** The one page, with the API in both languages inside; the script shows one of them. */
export function indexHtml(page: {
  use: Use
  documents: Record<Language, JsonObject>
  renderer: string
  script: string
  style: string
}): string {
  const { use, documents, renderer, script, style } = page
  return `<!doctype html>
<html lang="en" data-use="${use}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>bankcard-verify · API reference</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(ICON)}">
<link rel="stylesheet" href="${style}">
</head>
<body>
<header id="page-header"></header>
<div id="reference"></div>
<noscript>This page needs JavaScript. 此页面需要 JavaScript。</noscript>
${dataBlock('openapi-en', documents.en)}
${dataBlock('openapi-zh', documents.zh)}
<script src="${renderer}"></script>
<script src="${script}"></script>
</body>
</html>
`
}

/** JSON that no HTML parser takes for the end of its element. */
function dataBlock(id: string, value: JsonObject): string {
  const json = JSON.stringify(value).replaceAll('<', '\\u003c')
  return `<script type="application/json" id="${id}">${json}</script>`
}
