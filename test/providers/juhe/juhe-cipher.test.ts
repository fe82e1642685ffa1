import { spawn, spawnSync } from 'node:child_process'
import { createDecipheriv, createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { juheCipher } from '../../../lib/providers/juhe/juhe-cipher.ts'

const keyOf = (openId: string) => createHash('md5').update(openId).digest('hex').slice(0, 16)

const openIds = fc.stringMatching(/^JH[0-9a-f]{32}$/)
const plaintexts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.stringMatching(/^[1-9][0-9]{11,18}$/),
  fc.stringMatching(/^[一-龥𠮷䶮]{2,4}(·[一-龥]{2,8})?$/u),
)

/** A shell script with one `openssl` per input; the bytes go through octal escapes. */
function opensslScript(inputs: readonly (readonly [openId: string, plaintext: string])[]) {
  return inputs
    .map(([openId, plaintext]) => {
      const octal = Array.from(Buffer.from(plaintext), (byte) => `\\0${byte.toString(8)}`).join('')
      const key = Buffer.from(keyOf(openId)).toString('hex')
      return `printf '%b' '${octal}' | openssl enc -aes-128-ecb -K ${key} -base64 -A; echo`
    })
    .join('\n')
}

async function runShell(script: string) {
  const shell = spawn('sh', { stdio: ['pipe', 'pipe', 'inherit'] })
  shell.stdin.end(script)
  return (await text(shell.stdout)).trimEnd().split('\n')
}

describe('the cipher of Juhe', () => {
  const encrypt = juheCipher('JH00000000000000000000000000000000')

  it.each([
    ['张三', 'w4tWN3F2Gevq6n7XGTRi0w=='],
    ['6299990000000017', 'iEdQ2pZDbUFxaKiYbe1aCc4uyyAhiiZGbJlPkyImrBc='],
  ])('turns %s into what OpenSSL made of it', (plaintext, ciphertext) => {
    expect(encrypt(plaintext)).toBe(ciphertext)
  })

  it('takes the first 16 characters of the md5 as its key', () => {
    expect(keyOf('JH00000000000000000000000000000000')).toBe('d074bc9168ee1292')
  })

  it('decrypts to what went in, whatever that is', () => {
    fc.assert(
      fc.property(openIds, plaintexts, (openId, plaintext) => {
        const ciphertext = juheCipher(openId)(plaintext)
        const decipher = createDecipheriv('aes-128-ecb', keyOf(openId), null)
        const decrypted = decipher.update(ciphertext, 'base64', 'utf8') + decipher.final('utf8')
        expect(decrypted).toBe(plaintext)
        expect(Buffer.from(ciphertext, 'base64').toString('base64')).toBe(ciphertext)
      }),
      { numRuns: 1000 },
    )
  })

  const { status } = spawnSync('openssl', ['version'])
  if (status !== 0) console.warn('openssl is not installed: the comparison with it is left out')

  it.runIf(status === 0)(
    'equals openssl for 1,000 random inputs',
    { timeout: 60_000 },
    async () => {
      const inputs = fc.sample(fc.tuple(openIds, plaintexts), 1000)
      const halves = [inputs.slice(0, 500), inputs.slice(500)]
      const outputs = await Promise.all(halves.map((half) => runShell(opensslScript(half))))
      expect(inputs.map(([openId, plaintext]) => juheCipher(openId)(plaintext))).toEqual(
        outputs.flat(),
      )
    },
  )
})
