import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutSecrets } from './secrets.ts'

const shown: Readonly<Record<string, string>> = {
  'amqp://shop:s3cret@rabbit:5672/v': 'amqp://shop:[hidden]@rabbit:5672/v',
  'https://host/path?api_key=abc&x=1': 'https://host/path?api_key=[hidden]&x=1',
  'authorization: Bearer abc.def-1': 'authorization: Bearer [hidden]',
  '{"password":"abc"}': '{"password":"[hidden]"}',
  'order 7 of ada@example.com': 'order 7 of ada@example.com',
}

for (const [text, expected] of Object.entries(shown)) {
  test(`'${expected}' is what is shown`, () => assert.equal(withoutSecrets(text), expected))
}
