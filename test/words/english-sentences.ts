import { readFile } from 'node:fs/promises';
import { type ESTree, parseSync, Visitor } from 'rolldown/utils';

/** Of these calls the argument at that place is said to a person. */
const saying: Readonly<Record<string, readonly number[]>> = {
  good: [1],
  bad: [1, 2],
  warning: [1, 2],
  dead: [0],
  loginNeeded: [0],
  demandCommand: [1],
  trouble: [1],
  next: [1],
  damageFailure: [1],
  read: [3],
  readPages: [3],
};
/** Properties of objects that hold what is said. */
const saidProperties = new Set(['hint', 'message', 'remedy', 'why', 'what', 'words']);

/** The English sentences that a source file may say of what went wrong, with `{}` for what differs; where it chooses, all of them. */
export async function englishSentences(path: string): Promise<ReadonlySet<string>> {
  const { program } = parseSync(path, await readFile(path, 'utf8'));
  const constants = new Map<string, ESTree.Expression>();
  const said: ESTree.Node[] = [];
  new Visitor({
    VariableDeclarator({ id, init }) {
      if (id.type === 'Identifier' && init) constants.set(id.name, init);
    },
    NewExpression({ callee, arguments: [, message] }) {
      if (
        callee.type === 'Identifier' &&
        (callee.name === 'Failure' || callee.name === 'MountError') &&
        message
      )
        said.push(message);
    },
    CallExpression({ callee, arguments: given }) {
      const name =
        callee.type === 'Identifier'
          ? callee.name
          : callee.type === 'MemberExpression' && callee.property.type === 'Identifier'
            ? callee.property.name
            : '';
      for (const place of Object.hasOwn(saying, name) ? (saying[name] ?? []) : []) {
        const argument = given[place];
        if (argument) said.push(argument);
      }
    },
    Property({ key, value, method }) {
      if (!method && key.type === 'Identifier' && saidProperties.has(key.name)) said.push(value);
    },
  }).visit(program);
  const sentences = said.flatMap((node) => shapes(node, constants, 0)).flatMap((text) => text.split('\n'));
  return new Set(sentences.map((text) => text.trim()).filter((text) => /\p{L}{2}/u.test(text)));
}

const deepest = 3;

/** All that an expression can come to, as far as it stands there. */
function shapes(
  node: ESTree.Node,
  constants: ReadonlyMap<string, ESTree.Expression>,
  depth: number,
): string[] {
  const of = (inner: ESTree.Node) => shapes(inner, constants, depth);
  switch (node.type) {
    case 'Literal':
      if (typeof node.value === 'string') return [node.value];
      return typeof node.value === 'number' ? ['{}'] : [''];
    case 'TemplateLiteral': {
      let texts = [''];
      node.quasis.forEach((quasi, index) => {
        const inner = node.expressions[index];
        const next = inner ? of(inner) : [''];
        texts = texts.flatMap((text) => next.map((one) => `${text}${quasi.value.cooked ?? ''}${one}`));
      });
      return texts;
    }
    case 'ConditionalExpression':
      return [...of(node.consequent), ...of(node.alternate)];
    case 'LogicalExpression':
      return node.operator === '&&' ? [...of(node.right), ''] : [...of(node.left), ...of(node.right)];
    case 'TSAsExpression':
      return of(node.expression);
    case 'Identifier': {
      if (node.name === 'undefined') return [''];
      const constant = depth < deepest ? constants.get(node.name) : undefined;
      return constant ? shapes(constant, constants, depth + 1) : ['{}'];
    }
    default:
      return ['{}'];
  }
}
