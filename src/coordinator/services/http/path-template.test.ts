import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matchPath, pathTemplate } from './path-template.ts'

describe('a path template', () => {
  it('binds a field to one segment, and matches nothing longer, shorter or empty', () => {
    const template = pathTemplate('/v1/ch/{command.cover.domain}/commands')
    const match = (path: string) => matchPath(template, path.slice(1).split('/'))
    const bound = [{ field: ['command', 'cover', 'domain'], text: 'order' }]
    assert.deepEqual(match('/v1/ch/order/commands'), bound)
    for (const path of [
      '/v1/ch//commands',
      '/v1/ch/order',
      '/v1/ch/order/commands/',
      '/v1/ch/order/commands/more',
      '/v1/CH/order/commands',
    ]) {
      assert.equal(match(path), undefined, path)
    }
  })

  it('is refused when it has more to it than names and fields', () => {
    for (const text of ['v1', '/v1/*', '/v1/{a=**}', '/v1/{a}:cancel', '/v1//x', '/v1/{}']) {
      assert.throws(() => pathTemplate(text), { code: 'CONFIGURATION_INVALID' }, text)
    }
  })
})
