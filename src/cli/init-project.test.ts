import { strict as assert } from 'node:assert'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { temporaryFolder } from '../ledger/sqlite/temporary-ledger.test.support.ts'
import { run } from './run.ts'

async function init(
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await run(['init', ...argv], {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('amends init', () => {
  test('writes a project, named like its folder, and says what to do next', async () => {
    using scratch = temporaryFolder()
    const folder = join(scratch.folder, 'My Shop')
    const { code, out } = await init('aggregate', folder)
    assert.equal(code, 0)
    assert.match(out, /Next:[^]*npm install\n {2}npm start\n {2}npm test$/)
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      readonly name: string
    }
    assert.equal(name, 'my-shop')
    for (const file of ['.gitignore', 'buf.gen.yaml', 'proto/order.proto', 'src/order.test.ts']) {
      assert.ok(existsSync(join(folder, file)), file)
    }
  })

  test('refuses a folder that holds one of its files, and writes nothing', async () => {
    using scratch = temporaryFolder()
    mkdirSync(join(scratch.folder, 'src'))
    const mine = join(scratch.folder, 'src/main.ts')
    writeFileSync(mine, 'mine')
    const { code, err } = await init('saga', scratch.folder)
    assert.equal(code, 1)
    assert.match(err, /^amends: PROJECT_FILE_EXISTS: .*src\/main\.ts/)
    assert.equal(readFileSync(mine, 'utf8'), 'mine')
    assert.ok(!existsSync(join(scratch.folder, 'package.json')))
  })

  test('says which folder cannot be written', async () => {
    using scratch = temporaryFolder()
    const file = join(scratch.folder, 'file')
    writeFileSync(file, '')
    const { code, err } = await init('saga', join(file, 'below'))
    assert.equal(code, 1)
    assert.match(err, /^amends: PROJECT_NOT_WRITTEN/)
  })

  test('knows three kinds', async () => {
    const { code, err } = await init('monolith')
    assert.equal(code, 2)
    assert.match(err, /workflow, saga, aggregate/)
  })
})
