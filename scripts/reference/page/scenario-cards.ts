import type { ScenarioCard } from '../scenario-card.ts'
import { element } from './header.ts'
import type { OpenRequest } from './scalar.ts'
import type { Words } from './words.ts'

type Panel = { method: string; path: string; cards: ScenarioCard[] }

/** Defines the element that the renderer puts where an operation has `x-scenarios`. */
export function defineScenarioCards(words: Words, open: (request: OpenRequest) => void): void {
  class ScenarioCards extends HTMLElement {
    connectedCallback() {
      const { method, path, cards }: Panel = JSON.parse(this.getAttribute('x-scenarios') ?? '')
      const buttons = cards.map((card) => {
        const button = cardButton(card)
        button.addEventListener('click', () => open({ method, path, exampleName: card.example }))
        return button
      })
      this.replaceChildren(
        element('strong', {}, [words.cards]),
        element('p', {}, [words.cardsHint]),
        element('div', { class: 'cards' }, buttons),
      )
    }
  }
  customElements.define('scenario-cards', ScenarioCards)
}

function cardButton({ example, title, answer, tone, cardNumber, note }: ScenarioCard): HTMLElement {
  return element('button', { type: 'button', class: tone, 'data-scenario': example }, [
    element('span', { class: 'title' }, [title]),
    element('code', {}, [cardNumber.replaceAll(/(.{4})(?=.)/g, '$1 ')]),
    element('small', {}, [note ? `${answer} · ${note}` : answer]),
  ])
}
