package io.salver.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CompressedAnswersTest {
  private static final int MIN_BYTES = 1_000;
  private static final int MAX_BODY = 100_000;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Listener listener;

  CompressedAnswersTest() throws IOException {
    HttpHandler handler = new CompressedAnswers(new Echo(), MIN_BYTES);
    listener =
        Listener.start(
            ListenerConfig.onLoopback(0).withEventLoops(1), HttpProtocols.plain(handler));
  }

  private static final class Echo implements HttpHandler {
    @Override
    public void handle(HttpExchange exchange) {
      ByteBuf body =
          exchange
              .newBody(exchange.bodyLength())
              .writeBytes(exchange.body(), 0, exchange.bodyLength());
      Map<String, String> headers =
          exchange.path().equals("/coded") ? Map.of("content-encoding", "own") : Map.of("x", "y");
      exchange.respond(200, "text/plain", headers, body);
    }

    @Override
    public long maxBodyBytes(String method, String path) {
      return MAX_BODY;
    }
  }

  @AfterEach
  void stop() {
    listener.close();
    client.close();
  }

  private HttpResponse<byte[]> post(String path, Version version, byte[] body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
            .version(version)
            .POST(BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> post(byte[] body, String... headers) throws Exception {
    return post("/", Version.HTTP_1_1, body, headers);
  }

  private static byte[] text(int length) {
    return "0.5, ".repeat(length / 5).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] decompress(ContentCoding coding, byte[] bytes) throws IOException {
    try (InputStream in = coding.decompress(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    }
  }

  private static byte[] compress(ContentCoding coding, byte[] bytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (OutputStream out = coding.compress(compressed)) {
      out.write(bytes);
    }
    return compressed.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({"GZIP,HTTP_1_1", "DEFLATE,HTTP_1_1", "GZIP,HTTP_2", "DEFLATE,HTTP_2"})
  void compressesForAClientThatAcceptsIt(ContentCoding coding, Version version) throws Exception {
    byte[] body = text(50_000);
    HttpResponse<byte[]> answer = post("/", version, body, "accept-encoding", coding.token());
    assertThat(answer.headers().firstValue("content-encoding")).contains(coding.token());
    assertThat(answer.headers().firstValue("vary")).contains("accept-encoding");
    assertThat(answer.headers().firstValue("x")).contains("y");
    assertThat(answer.body()).hasSizeLessThan(body.length / 10);
    assertThat(decompress(coding, answer.body())).isEqualTo(body);
  }

  @Test
  void leavesSmallAnswersAndThoseThatAreCodedAlready() throws Exception {
    HttpResponse<byte[]> small = post(text(MIN_BYTES - 5), "accept-encoding", "gzip");
    assertThat(small.headers().firstValue("content-encoding")).isEmpty();
    assertThat(small.body()).isEqualTo(text(MIN_BYTES - 5));
    HttpResponse<byte[]> coded =
        post("/coded", Version.HTTP_1_1, text(5_000), "accept-encoding", "gzip");
    assertThat(coded.headers().allValues("content-encoding")).containsExactly("own");
    assertThat(coded.body()).isEqualTo(text(5_000));
    assertThat(post(text(5_000)).headers().firstValue("content-encoding")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip|GZIP",
        "GZip , deflate|GZIP",
        "deflate, gzip;q=0.5|DEFLATE",
        "gzip;q=0, deflate;q=0.001|DEFLATE",
        "br, *|GZIP",
        "br, *;q=0.1, gzip;q=0|DEFLATE",
        "identity, gzip;q=0.5|IDENTITY",
        "identity;q=0.5, gzip;q=0.5|GZIP",
        "br|IDENTITY",
        "''|IDENTITY",
        "*;q=0|IDENTITY",
        "gzip;q=0|IDENTITY",
        "gzip;q=nonsense|IDENTITY",
        "gzip;q=2|IDENTITY",
        "gzip;q=NaN|IDENTITY",
        ",,;;,|IDENTITY",
      })
  void choosesWhatTheClientPrefers(String accepted, ContentCoding chosen) {
    assertThat(ContentCoding.preferred(accepted)).isEqualTo(chosen);
  }

  @ParameterizedTest
  @EnumSource(
      value = ContentCoding.class,
      names = {"GZIP", "DEFLATE"})
  void takesCompressedRequests(ContentCoding coding) throws Exception {
    long seed = new Random().nextLong();
    byte[] body = new byte[new Random(seed).nextInt(MAX_BODY)];
    new Random(seed).nextBytes(body);
    assertThat(post(compress(coding, body), "content-encoding", coding.token()).body())
        .as("seed %d", seed)
        .isEqualTo(body);
  }

  @Test
  void takesBareDeflate() throws Exception {
    ByteArrayOutputStream bare = new ByteArrayOutputStream();
    try (OutputStream out =
        new DeflaterOutputStream(bare, new Deflater(Deflater.DEFAULT_COMPRESSION, true))) {
      out.write(text(5_000));
    }
    assertThat(post(bare.toByteArray(), "content-encoding", "deflate").body())
        .isEqualTo(text(5_000));
  }

  @ParameterizedTest
  @EnumSource(
      value = ContentCoding.class,
      names = {"GZIP", "DEFLATE"})
  void refusesABombAndWhatIsCutOffAndWhatIsNotCompressed(ContentCoding coding) throws Exception {
    byte[] bomb = compress(coding, new byte[20 << 20]);
    assertThat(bomb).hasSizeLessThan(MAX_BODY);
    HttpResponse<byte[]> tooLarge = post(bomb, "content-encoding", coding.token());
    assertThat(tooLarge.statusCode()).isEqualTo(413);
    byte[] good = compress(coding, text(5_000));
    byte[] cut = Arrays.copyOf(good, good.length / 2);
    assertThat(post(cut, "content-encoding", coding.token()).statusCode()).isEqualTo(400);
    assertThat(post(text(5_000), "content-encoding", coding.token()).statusCode()).isEqualTo(400);
    assertThat(post(new byte[0], "content-encoding", coding.token()).statusCode()).isEqualTo(400);
    assertThat(post(text(100)).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "gzip, deflate", "zstd"})
  void saysWhatItUnderstandsInstead(String coding) throws Exception {
    HttpResponse<byte[]> answer = post(text(100), "content-encoding", coding);
    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(answer.headers().firstValue("accept-encoding")).contains("gzip, deflate");
  }
}
