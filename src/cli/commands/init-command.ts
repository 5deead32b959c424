/** `amends init [kind] [folder]`: writes a project that runs and has a test. */
import { type Command, UsageError } from '../command.ts'
import { initProject, PROJECT_KINDS, type ProjectKind } from '../init-project.ts'
import { printable } from '../text/printable.ts'

const DEFAULT_KIND: ProjectKind = 'workflow'

/** See the top of this file. */
export const initCommand: Command = {
  name: 'init',
  says: 'Write a project that runs and has a test.',
  takes: ['[kind]', '[folder]'],
  options: {},
  more: [
    'Kinds: workflow (the default), saga, aggregate. The folder is made if it is not there; without',
    'one it is that of the kind. Files that are there are never replaced.',
  ],
  run: async ({ args }, { out }) => {
    const [given = DEFAULT_KIND, to] = args
    const kind = PROJECT_KINDS.find((known) => known === given)
    if (kind === undefined) {
      throw new UsageError(`there is no kind ${given}, only ${PROJECT_KINDS.join(', ')}`)
    }
    const { folder, files } = initProject(kind, to ?? kind)
    out(printable(`${folder}:`))
    for (const file of files) out(printable(`  ${file}`))
    out('Next:')
    for (const step of nextSteps(to ?? kind)) out(printable(`  ${step}`))
    return 0
  },
}

function nextSteps(folder: string): readonly string[] {
  const enter = folder === '.' ? [] : [`cd ${folder}`]
  return [...enter, 'npm install', 'npm start', 'npm test']
}
