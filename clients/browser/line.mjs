// A line between the browser and the server that can be cut: a proxy that passes bytes on.

import { connect, createServer } from 'node:net';

// Line passes on what comes to its port, unless it is cut.
export class Line {
  // to returns a line to a server.
  static to(host, port) {
    return new Promise((resolve, reject) => {
      const line = new Line();
      line.ends = new Set();
      line.isCut = false;
      line.server = createServer((near) => {
        if (line.isCut) {
          near.destroy();
          return;
        }
        const far = connect(port, host);
        for (const [end, other] of [[near, far], [far, near]]) {
          line.ends.add(end);
          end.on('error', () => {}); // "close" follows, and ends the other side
          end.on('close', () => {
            line.ends.delete(end);
            other.destroy();
          });
          end.pipe(other);
        }
      });
      line.server.once('error', reject);
      line.server.listen(0, '127.0.0.1', () => {
        line.port = line.server.address().port;
        resolve(line);
      });
    });
  }

  // cut breaks all connections and lets no new one through.
  cut() {
    this.isCut = true;
    for (const end of this.ends) end.destroy();
  }

  // mend lets connections through again.
  mend() { this.isCut = false; }

  close() {
    this.cut();
    return new Promise((resolve) => { this.server.close(resolve); });
  }
}
