import type { Language } from './language.ts'

const en = {
  tag: 'en',
  locale: 'en',
  title: 'API reference',
  problems: 'Problem codes',
  language: 'Language',
  try: 'Simulated providers',
  tryHint: 'Nothing leaves this machine and nothing is charged',
  read: 'Read only',
  readHint: 'npm start serves a page that sends requests to simulated providers',
  cards: 'Try a scenario',
  cardsHint:
    'The card number chooses what the simulated provider answers. Pick one, then press Send.',
}

export type Words = typeof en

export const words: Record<Language, Words> = {
  en,
  zh: {
    tag: 'zh-CN',
    locale: 'zh-CN',
    title: 'API 参考',
    problems: '错误代码',
    language: '语言',
    try: '模拟数据源',
    tryHint: '数据不会离开本机，也不会计费',
    read: '只读',
    readHint: 'npm start 提供的页面可以向模拟数据源发送请求',
    cards: '选择场景试一试',
    cardsHint: '卡号决定模拟数据源的应答。点选一个场景，然后点“发送”。',
  },
}
