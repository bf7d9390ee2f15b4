package io.salver.server.tfserving;

import com.google.protobuf.TextFormat;
import io.salver.server.tfserving.proto.SSLConfig;
import io.salver.server.tls.ClientCertificates;
import io.salver.server.tls.TlsException;
import io.salver.server.tls.TlsFiles;
import io.salver.server.tls.TlsMaterial;
import io.salver.server.tls.TlsSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** TensorFlow Serving's {@code SSLConfig} in text form: the PEM of keys and certificates inline. */
public record SslConfigFile(Path file) implements TlsSource {
  @Override
  public TlsMaterial read() throws TlsException {
    SSLConfig config = parse(TlsFiles.read("ssl_config_file", file));
    requireSet("server_key", config.getServerKey());
    requireSet("server_cert", config.getServerCert());
    if (config.getClientVerify()) {
      requireSet("custom_ca", config.getCustomCa());
    }
    return new TlsMaterial(
        bytes(config.getServerCert()),
        bytes(config.getServerKey()),
        bytes(config.getCustomCa()),
        config.getClientVerify() ? ClientCertificates.REQUIRE : ClientCertificates.NONE);
  }

  /** The parser's own messages may quote the text, and with it the key. */
  private SSLConfig parse(byte[] text) throws TlsException {
    SSLConfig.Builder config = SSLConfig.newBuilder();
    try {
      TextFormat.merge(new String(text, StandardCharsets.UTF_8), config);
      return config.build();
    } catch (TextFormat.ParseException e) {
      throw new TlsException(
          file
              + ": line "
              + e.getLine()
              + ", column "
              + e.getColumn()
              + " (expected: the text form of tensorflow.serving.SSLConfig)");
    }
  }

  private void requireSet(String field, String value) throws TlsException {
    if (value.isBlank()) {
      throw new TlsException(file + ": " + field + ": missing (expected: PEM)");
    }
  }

  private static byte[] bytes(String pem) {
    return pem.getBytes(StandardCharsets.UTF_8);
  }
}
