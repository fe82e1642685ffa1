import { createCipheriv, createHash } from 'node:crypto'

/**
 * AES/ECB/PKCS5Padding over UTF-8, in base64 once (the provider's document, section 2). The key is
 * the first 16 characters of lowercase hex md5(openid), as ASCII bytes.
 *
 * ECB under a fixed key is deterministic: it hides values from whoever reads a plain-http hop and
 * does not replace TLS.
 */
export function juheCipher(openId: string): (plaintext: string) => string {
  const key = createHash('md5').update(openId).digest('hex').slice(0, 16)
  return (plaintext) => {
    const cipher = createCipheriv('aes-128-ecb', key, null)
    return cipher.update(plaintext, 'utf8', 'base64') + cipher.final('base64')
  }
}
