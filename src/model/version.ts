/** The version of this package, from its one source. */
import packageJson from '../../package.json' with { type: 'json' };

export const VERSION: string = packageJson.version;
