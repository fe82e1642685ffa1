#!/usr/bin/env node
import { existsSync } from 'node:fs'

// In the repository it runs from source; only the bundle is published.
const source = new URL('../src/main.ts', import.meta.url)
await import(existsSync(source) ? source.href : '../dist/main.mjs')
