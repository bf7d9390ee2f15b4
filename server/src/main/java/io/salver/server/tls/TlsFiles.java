package io.salver.server.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Certificates and a key in PEM files.
 *
 * @param certificate the server's certificate, then those that lead to a root
 * @param privateKey its key, in PKCS#8, PKCS#1 or SEC1, not encrypted
 * @param clientCa whose certificates clients may show; needed where clients are asked
 */
public record TlsFiles(
    Path certificate,
    Path privateKey,
    Optional<Path> clientCa,
    ClientCertificates clientCertificates)
    implements TlsSource {
  private static final System.Logger LOG = System.getLogger(TlsFiles.class.getName());
  private static final int MAX_BYTES = 1 << 20;
  private static final Set<PosixFilePermission> FOR_OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  public TlsFiles {
    if (clientCertificates != ClientCertificates.NONE && clientCa.isEmpty()) {
      throw new IllegalArgumentException(
          "client_ca: none (expected: the certificates that client certificates are checked against)");
    }
  }

  @Override
  public TlsMaterial read() throws TlsException {
    byte[] ca = clientCa.isPresent() ? read("client_ca", clientCa.get()) : new byte[0];
    return new TlsMaterial(
        read("certificate", certificate), read("private_key", privateKey), ca, clientCertificates);
  }

  /** The bytes of a file, which are few: a certificate or a key. */
  public static byte[] read(String what, Path file) throws TlsException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length <= MAX_BYTES) {
        return bytes;
      }
    } catch (IOException e) {
      throw new TlsException(what + ": " + file + " cannot be read: " + e, e);
    }
    throw new TlsException(
        what + ": " + file + " is too long (expected: at most " + MAX_BYTES + " bytes of PEM)");
  }

  /** Logs a warning if a file that holds a key may be read by more than its owner and group. */
  public static void warnIfLoose(Path file) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (permissions.stream().anyMatch(FOR_OTHERS::contains)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "Private key {0} has permissions {1} (expected: rw------- or rw-r-----)",
            file,
            PosixFilePermissions.toString(permissions));
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.log(System.Logger.Level.DEBUG, "permissions of " + file + " are not known", e);
    }
  }
}
