import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create, type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import {
  AngzarrDeferredSequenceSchema,
  type CommandBook,
  CommandBookSchema,
  CommandPageSchema,
  PageHeaderSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { newCommandBook, newCommandPage } from './book.ts'
import { newCover } from './cover.ts'
import { angzarrHeader } from './header.ts'
import { messageCodec } from './message-codec.ts'
import { hexOf } from './uuid.ts'

const bytesFrom = (first: number): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, i) => first + i)
const payload = Uint8Array.of(1, 2, 3, 4)

async function sha256(bytes: Uint8Array): Promise<string> {
  return hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes))))
}

/** Both encoders must agree before their bytes are compared with the golden ones. */
function encoded<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Uint8Array {
  const bytes = messageCodec(schema).encode(message)
  assert.deepStrictEqual(bytes, toBinary(schema, message))
  return bytes
}

describe('a stamped command book', () => {
  const cover = newCover({ domain: 'saga-x', root: bytesFrom(0), correlationId: 'corr-1' })
  const typeUrl = 'type.googleapis.com/example.Foo'
  const command = create(AnySchema, { typeUrl, value: payload })
  const book = newCommandBook(cover, [newCommandPage(5, command)])

  test('has the golden bytes', () => {
    assert.equal(
      hexOf(encoded(CommandBookSchema, book)),
      '0a240a120a10000102030405060708090a0b0c0d0e0f1206736167612d781a06636f72722d31' +
        '122d0a0208051a270a1f747970652e676f6f676c65617069732e636f6d2f6578616d706c65' +
        '2e466f6f120401020304',
    )
  })

  test('has the golden hash [client-C-0182]', async () => {
    const bytes = encoded(CommandBookSchema, book)
    assert.equal(bytes.length, 85)
    assert.equal(
      await sha256(bytes),
      '8a6da2dfa422553d73fcd840f6ad501c91ac6ffcac2f591183146ab6c042ace9',
    )
  })
})

describe('a deferred header', () => {
  test('has the golden bytes', () => {
    const root = new Uint8Array(16).fill(7)
    const source = newCover({ domain: 'orders', root, correlationId: 'corr-1' })
    assert.equal(
      hexOf(encoded(PageHeaderSchema, angzarrHeader(source, 9))),
      '1a280a240a120a100707070707070707070707070707070712066f72646572731a06636f72722d311009',
    )
  })
})

describe('a command book with the fields of generation B', () => {
  const golden = [
    ['/example.Foo', 0, '10b1ce23a470f107662591a7da41830c724fdc0c9562824130f09b0a12f011f5'],
    ['/example.Foo', 1, 'a028d427e91c0e03b63b50dabe7c5184417ed7aaf558d62dfdb9baed1e3affd0'],
    [
      'type.googleapis.com/example.Foo',
      0,
      'a79987223c3ece4657c21aa2b5c6f748a3032ba601d4f8f85e4bb9a0ac503758',
    ],
    [
      'type.googleapis.com/example.Foo',
      1,
      'a0ea9bae4f5492fe3a62aba851fe39c36dadc619cbe2702e1be0c1dd0b20efc1',
    ],
  ] as const
  for (const [typeUrl, commandIndex, hash] of golden) {
    test(`has the golden hash for ${typeUrl} at index ${commandIndex}`, async () => {
      assert.equal(await sha256(encoded(CommandBookSchema, bookOf(typeUrl, commandIndex))), hash)
    })
  }

  function bookOf(typeUrl: string, commandIndex: number): CommandBook {
    const correlationId = 'corr-1'
    const source = newCover({ domain: 'order', root: bytesFrom(0), correlationId })
    const value = create(AngzarrDeferredSequenceSchema, { source, sourceSeq: 3, commandIndex })
    const page = create(CommandPageSchema, {
      header: { sequenceType: { case: 'angzarrDeferred', value } },
      payload: { case: 'command', value: create(AnySchema, { typeUrl, value: payload }) },
    })
    return newCommandBook(newCover({ domain: 'inventory', root: bytesFrom(16), correlationId }), [
      page,
    ])
  }
})
