// The error of a library part whose optional peer dependency is not installed: one wording for all
// of them.

/**
 * Says which package is missing and how to install it.
 * @param user what needs it, as the app's author knows it
 * @param versions that will do, e.g. `8 to 10`
 */
export function missingPeer(user: string, peer: string, versions = ''): string {
  return `${user} needs the package ${peer}${versions && `, ${versions}`}: npm install ${peer}`;
}
