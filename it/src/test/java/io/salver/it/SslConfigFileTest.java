package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.salver.server.tfserving.proto.PredictResponse;
import io.salver.server.tfserving.proto.SSLConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --ssl_config_file} as TensorFlow Serving has it: TLS for gRPC, plain text for REST. */
class SslConfigFileTest {
  @TempDir Path temporary;

  private static X509Bundle issue(X509Bundle ca, String name) throws Exception {
    return new CertificateBuilder()
        .subject("CN=" + name)
        .addSanDnsName("localhost")
        .ecp256()
        .buildIssuedBy(ca);
  }

  @Test
  void servesGrpcClientsThatShowACertificateAndRestInPlainText() throws Exception {
    X509Bundle ca =
        new CertificateBuilder()
            .subject("CN=authority")
            .setIsCertificateAuthority(true)
            .ecp256()
            .buildSelfSigned();
    X509Bundle own = issue(ca, "server");
    SSLConfig config =
        SSLConfig.newBuilder()
            .setServerCert(own.getCertificatePathPEM())
            .setServerKey(own.getPrivateKeyPEM())
            .setCustomCa(ca.getCertificatePEM())
            .setClientVerify(true)
            .build();
    Path file =
        Files.writeString(
            temporary.resolve("ssl.config"), TextFormat.printer().printToString(config));
    try (RunningServer server =
        RunningServer.start(
            "--ssl_config_file=" + file,
            "--model_name=" + HalfPlusTwoCalls.NAME,
            "--model_base_path=" + HalfPlusTwoCalls.directory())) {
      String answer =
          server.rest().post("/v1/models/half_plus_two:predict", HalfPlusTwoCalls.json(3)).body();
      assertThat(HalfPlusTwoCalls.problem(3, answer)).isEmpty();
      assertThat(HalfPlusTwoCalls.problem(3, predict(server.grpcPort(), ca, issue(ca, "client"))))
          .isEmpty();
    }
  }

  private static PredictResponse predict(int port, X509Bundle ca, X509Bundle client)
      throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", port)
            .sslContext(
                GrpcSslContexts.forClient()
                    .trustManager(ca.getCertificate())
                    .keyManager(client.getKeyPair().getPrivate(), client.getCertificatePath())
                    .build())
            .build();
    try {
      return ClientCalls.blockingUnaryCall(
          channel,
          GrpcClient.PREDICT,
          CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
          HalfPlusTwoCalls.request(3));
    } finally {
      channel.shutdownNow();
    }
  }
}
