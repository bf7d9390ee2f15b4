package io.salver.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.salver.lifecycle.VersionPolicy;
import io.salver.testkit.S3Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** A model in a bucket of an S3-compatible server that others wrote. */
@Timeout(120)
class S3StoreTest {
  private static final String ACCESS_PROPERTY = "aws.accessKeyId";
  private static final String SECRET_PROPERTY = "aws.secretAccessKey";

  @TempDir static Path shared;
  private static S3Server server;
  private static S3Client client;
  private static int buckets;

  @TempDir Path temporary;
  private final byte[] large = new byte[300_000];
  private String bucket;
  private StoreRig rig;

  @BeforeAll
  static void startServer() throws IOException {
    server = S3Server.start(shared);
    client =
        S3Client.builder()
            .endpointOverride(server.endpoint())
            .forcePathStyle(true)
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(S3Server.ACCESS_KEY, S3Server.SECRET_KEY)))
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build();
  }

  @AfterAll
  static void stopServer() {
    client.close();
    server.close();
  }

  @BeforeEach
  void setUp() {
    System.setProperty(ACCESS_PROPERTY, S3Server.ACCESS_KEY);
    System.setProperty(SECRET_PROPERTY, S3Server.SECRET_KEY);
    new Random(6).nextBytes(large);
    bucket = "models-" + ++buckets;
    client.createBucket(r -> r.bucket(bucket));
    rig = rig("cache", server.endpoint());
    put("a/m/1/model.onnx", large);
    put("a/m/1/assets/a b+c.txt", "x".getBytes(StandardCharsets.UTF_8));
  }

  @AfterEach
  void tearDown() {
    rig.close();
    System.clearProperty(ACCESS_PROPERTY);
    System.clearProperty(SECRET_PROPERTY);
  }

  private StoreRig rig(String cache, URI endpoint) {
    S3Options options =
        new S3Options(
            Optional.of(endpoint),
            Optional.of("us-east-1"),
            Optional.empty(),
            Optional.empty(),
            false);
    return new StoreRig(URI.create("s3://" + bucket + "/a/m"), temporary.resolve(cache), options);
  }

  private void put(String key, byte[] content) {
    client.putObject(r -> r.bucket(bucket).key(key), RequestBody.fromBytes(content));
  }

  private static String only(List<String> said) {
    assertThat(said).hasSize(1);
    return said.getFirst();
  }

  private void assertServes(long version, byte[] content) {
    assertThat(rig.sink.directory(version).resolve("model.onnx")).hasBinaryContent(content);
  }

  @Test
  void objectsThatHaveLainForAWhileAreAVersion() throws Exception {
    assertThat(rig.look()).containsExactly("m [1]");
    assertServes(1, large);
    assertThat(rig.sink.directory(1).resolve("assets/a b+c.txt")).hasContent("x");
  }

  @Test
  void whatOthersHaveBesideIsNotAVersion() throws Exception {
    put("a/m/2/", new byte[0]);
    put("a/m/readme.txt", large);
    put("a/m/v3/model.onnx", large);
    put("a/mm/9/model.onnx", large);
    put("b/m/9/model.onnx", large);
    assertThat(rig.policy(new VersionPolicy.All()).look()).containsExactly("m [1]");
  }

  @Test
  void aVersionThatIsStillComingIsWaitedFor() throws Exception {
    rig.clock.setWall(java.time.Instant.now());
    assertThat(rig.look()).isEmpty();
    assertThat(rig.isSettled()).isFalse();
    assertThat(rig.pause()).isLessThanOrEqualTo(StoreRig.POLL);
    rig.clock.advance(StoreRig.QUIET.dividedBy(3));
    put("a/m/1/more", large);
    assertThat(rig.look()).isEmpty();
    rig.clock.advance(StoreRig.QUIET.dividedBy(3));
    assertThat(rig.look()).isEmpty();
    rig.clock.advance(StoreRig.QUIET);
    assertThat(rig.look()).containsExactly("m [1]");
    assertThat(rig.isSettled()).isTrue();
    assertThat(rig.sink.directory(1).resolve("more")).hasBinaryContent(large);
  }

  @Test
  void aListOfChecksumsSaysAtOnceWhatIsComplete() throws Exception {
    rig.clock.setWall(java.time.Instant.now());
    put("a/m/2/model.onnx", large);
    String line = FileServer.sha256(large) + "  1/model.onnx\n";
    put("a/m/SHA256SUMS", line.getBytes(StandardCharsets.UTF_8));
    assertThat(rig.policy(new VersionPolicy.All()).look()).containsExactly("m [1]");
    assertThat(rig.sink.directory(1).resolve("assets")).doesNotExist();
  }

  @Test
  void whatIsListedAndAbsentKeepsItsVersionAway() throws Exception {
    String digest = FileServer.sha256(large);
    String list = digest + "  1/model.onnx\n" + digest + "  2/model.onnx\n";
    put("a/m/SHA256SUMS", list.getBytes(StandardCharsets.UTF_8));
    assertThat(rig.look())
        .containsExactly(
            "m [1]",
            "m: version 2 of s3://"
                + bucket
                + "/a/m was not taken: 2/model.onnx is listed in SHA256SUMS and absent; what was"
                + " downloaded before is served: versions [1]");
  }

  @Test
  void versionsComeAndGo() throws Exception {
    rig.look();
    put("a/m/2/model.onnx", "two".getBytes(StandardCharsets.UTF_8));
    assertThat(rig.look()).containsExactly("m [2]");
    client.deleteObject(r -> r.bucket(bucket).key("a/m/2/model.onnx"));
    assertThat(rig.look()).containsExactly("m [1]");
    assertServes(1, large);
    assertThat(rig.cached()).hasSize(2);
  }

  @Test
  void aBrokenDownloadGoesOnWhereItWas() throws Exception {
    try (CuttingProxy proxy = new CuttingProxy(server.port());
        StoreRig cut = rig("cut", proxy.endpoint())) {
      proxy.cutOnceAfter(200_000);
      assertThat(cut.look()).containsExactly("m [1]");
      assertThat(cut.sink.directory(1).resolve("model.onnx")).hasBinaryContent(large);
      assertThat(proxy.cuts()).isEqualTo(1);
      assertThat(proxy.bytes()).isLessThan(2 * 300_000);
    }
  }

  @Test
  void namesThatCollideAreRefused() throws Exception {
    put("a/m/2/model", large);
    put("a/m/2/MODEL", large);
    assertThat(rig.look().getLast())
        .contains("version 2 of s3://" + bucket + "/a/m was not taken: path \"model\" twice");
    assertServes(1, large);
  }

  @Test
  void aWrongKeyIsRefusedAndNotShown() throws Exception {
    System.setProperty(SECRET_PROPERTY, "wrong-secret");
    assertThat(only(rig.look()))
        .startsWith("m: s3://" + bucket + "/a/m: status 403")
        .doesNotContain("wrong-secret")
        .doesNotContain("Request ID");
  }

  @Test
  void aBucketThatIsNotThereIsNamed() throws Exception {
    bucket = "no-such-bucket";
    try (StoreRig other = rig("other", server.endpoint())) {
      assertThat(only(other.look()))
          .startsWith("m: s3://no-such-bucket/a/m: status 404 NoSuchBucket");
    }
  }

  @Test
  void aServerThatIsNotThereIsSaid() throws Exception {
    try (StoreRig other = rig("other", URI.create("http://127.0.0.1:1"))) {
      assertThat(only(other.look())).startsWith("m: s3://" + bucket + "/a/m: no connection");
    }
  }

  @Test
  void aListThatIsLargerThanItSaysIsNotReadWhole() throws Exception {
    List<String> conditions = new java.util.concurrent.CopyOnWriteArrayList<>();
    String listing =
        "<ListBucketResult><Contents><Key>a/m/SHA256SUMS</Key><ETag>\"t\"</ETag></Contents>"
            + "</ListBucketResult>";
    HttpServer liar =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    liar.createContext(
        "/",
        exchange -> {
          try (exchange) {
            boolean isList = exchange.getRequestURI().getQuery() != null;
            if (!isList) {
              conditions.add(exchange.getRequestHeaders().getFirst("If-Match"));
            }
            exchange.sendResponseHeaders(200, 0);
            exchange
                .getResponseBody()
                .write(
                    isList
                        ? listing.getBytes(StandardCharsets.UTF_8)
                        : new byte[ChecksumFile.MAX_BYTES + (1 << 20)]);
          }
        });
    liar.start();
    URI endpoint = URI.create("http://127.0.0.1:" + liar.getAddress().getPort());
    try (StoreRig other = rig("other", endpoint)) {
      assertThat(only(other.look())).contains("/SHA256SUMS: larger than 16.0 MiB");
      assertThat(conditions).containsExactly("\"t\"");
    } finally {
      liar.stop(0);
    }
  }

  @Test
  void aStoredChecksumIsComparedWithWhatCame() throws Exception {
    StoredVersion version;
    try (S3Store store =
        new S3Store(
            new S3Options(
                Optional.of(server.endpoint()),
                Optional.of("us-east-1"),
                Optional.empty(),
                Optional.empty(),
                false))) {
      URI base = URI.create("s3://" + bucket + "/a/m");
      version = store.list(base).versions().get(1L);
      StoredFile file = version.files().getLast();
      assertThat(file.path()).isEqualTo("model.onnx");
      Digest stored = store.examine(base, version, file).digest().orElseThrow();
      Path copy = java.nio.file.Files.write(temporary.resolve("copy"), large);
      assertThat(stored).isEqualTo(Digest.of(stored.kind(), copy));
    }
  }
}
