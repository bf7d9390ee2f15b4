package io.salver.server.net;

import java.io.IOException;
import java.net.BindException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** The file of a Unix domain socket. */
final class UnixSocketFile {
  private UnixSocketFile() {}

  /**
   * Removes the socket that a dead process left at {@code path}.
   *
   * @throws BindException if somebody listens on it, or it is a file of another kind
   */
  static void clear(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    boolean isSocket =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther();
    if (!isSocket) {
      throw new BindException(path + " is not a socket (expected: no file, or a socket)");
    }
    if (isListening(path)) {
      throw new BindException(
          path + " is in use (expected: a path on which no other process listens)");
    }
    Files.deleteIfExists(path);
  }

  private static boolean isListening(Path path) {
    try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return true;
    } catch (IOException refused) {
      return false;
    }
  }
}
