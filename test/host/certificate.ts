/** A self-signed certificate for localhost, made anew for each test: no key lies in the repository. */
import { generateKeyPairSync, sign } from 'node:crypto'

/** Key and certificate as PEM. */
export type Certificate = { readonly key: Uint8Array; readonly certificate: Uint8Array }

/** Makes one. */
export function certificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(der(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]))
  const commonName = sequence(der(0x06, [0x55, 0x04, 0x03]), der(0x0c, text('localhost')))
  const name = sequence(der(0x31, commonName))
  const validity = sequence(der(0x17, text('200101000000Z')), der(0x17, text('491231235959Z')))
  const names = sequence(der(0x82, text('localhost')), der(0x87, [127, 0, 0, 1]))
  const alternative = sequence(der(0x06, [0x55, 0x1d, 0x11]), der(0x04, names))
  const signed = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1]),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternative)),
  )
  const signature = sign('sha256', signed, privateKey)
  const whole = sequence(signed, ecdsaWithSha256, der(0x03, [0, ...signature]))
  const pem = `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`
  return {
    key: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    certificate: Buffer.from(pem),
  }
}

type Bytes = readonly number[] | Uint8Array

function sequence(...parts: readonly Bytes[]): Buffer {
  return der(0x30, ...parts)
}

/** A value with its tag and length, as DER wants it. */
function der(tag: number, ...parts: readonly Bytes[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)))
  const { length } = content
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function text(value: string): Buffer {
  return Buffer.from(value, 'latin1')
}
