import { fillHeader } from './header.ts'
import { chosenLanguage } from './language.ts'
import { openClient, type Scalar } from './scalar.ts'
import { defineScenarioCards } from './scenario-cards.ts'
import { send } from './send.ts'
import { words as allWords } from './words.ts'

const { Scalar } = globalThis as unknown as { Scalar: Scalar }
const language = chosenLanguage(location.search, navigator.languages)
const words = allWords[language]
const use = document.documentElement.dataset['use'] === 'try' ? 'try' : 'read'

document.documentElement.lang = words.tag
document.title = `bankcard-verify · ${words.title}`
const header = document.querySelector('#page-header')
if (header) fillHeader(header, language, use, words)

const content = JSON.parse(document.querySelector(`#openapi-${language}`)?.textContent ?? '')
if (use === 'try') content.servers = [{ url: location.origin }]

const reference = Scalar.createApiReference('#reference', {
  content,
  slug: 'api',
  localization: { locale: words.locale },
  theme: 'none',
  withDefaultFonts: false,
  layout: 'modern',
  // Nothing of this page calls or leads to a service of the renderer's makers.
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  documentDownloadType: 'none',
  persistAuth: false,
  hideTestRequestButton: use === 'read',
  customFetch: send(words.tag),
  orderSchemaPropertiesBy: 'preserve',
  defaultOpenAllTags: true,
  hideModels: true,
  hiddenClients: {
    c: true,
    clojure: true,
    dart: true,
    fsharp: true,
    objc: true,
    ocaml: true,
    powershell: true,
    r: true,
    rust: true,
    swift: true,
  },
  generateOperationSlug: ({ operationId }: { operationId: string }) => operationId,
  plugins: [
    () => ({
      name: 'scenarios',
      extensions: [{ name: 'x-scenarios', component: 'scenario-cards' }],
    }),
  ],
})

defineScenarioCards(words, (request) => openClient(reference, request))
