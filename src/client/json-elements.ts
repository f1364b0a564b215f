/**
 * The elements of an array in a JSON answer, as text: a number of more than 53 bits, or the order of
 * members, would not survive being parsed and printed.
 */

/**
 * Of the array that is the member `name` of the object that `json` is; none when there is none.
 * `json` must be valid. Line ends between tokens become spaces, so that an element is one line.
 */
export function elementTexts(json: string, name: string): string[] {
  const structure = /["{}[\],]/g;
  const elements: string[] = [];
  let depth = 0;
  let latestName = '';
  // Where the present element begins; -1 outside of the array.
  let from = -1;
  for (let found = structure.exec(json); found !== null; found = structure.exec(json)) {
    const { 0: character, index } = found;
    if (character === '"') {
      structure.lastIndex = stringEnd(json, index);
      // At this depth a string right before an array can only be its name.
      if (depth === 1) latestName = json.slice(index + 1, structure.lastIndex - 1);
    } else if (character === '{' || character === '[') {
      depth += 1;
      if (depth === 2 && character === '[' && latestName === name) from = index + 1;
    } else {
      if (from !== -1 && depth === 2) {
        const element = json.slice(from, index).trim();
        if (element !== '') elements.push(oneLine(element));
        if (character === ']') return elements;
        from = index + 1;
      }
      if (character !== ',') depth -= 1;
    }
  }
  return elements;
}

/** Strings hold no raw line ends, so those that are there stand between tokens. */
function oneLine(element: string): string {
  return element.replaceAll(/[\r\n]/g, ' ');
}

/** Behind the closing quote of the string that begins at `from`. */
function stringEnd(json: string, from: number): number {
  let end = json.indexOf('"', from + 1);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end + 1;
}

function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json[first - 1] === '\\') first -= 1;
  return (at - first) % 2 === 1;
}
