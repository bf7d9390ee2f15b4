package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import io.salver.testkit.S3Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** A server whose model lies in a bucket of an S3-compatible server that others wrote. */
class StoreServedTest {
  private static final String BUCKET = "models";
  private static final String PREFIX = "prod/half_plus_two/";

  @TempDir Path temporary;
  private S3Server store;
  private S3Client client;

  @BeforeEach
  void setUp() throws IOException {
    store = S3Server.start(temporary);
    client = client(store);
    client.createBucket(r -> r.bucket(BUCKET));
  }

  @AfterEach
  void tearDown() {
    client.close();
    store.close();
  }

  private static S3Client client(S3Server store) {
    return S3Client.builder()
        .endpointOverride(store.endpoint())
        .forcePathStyle(true)
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(S3Server.ACCESS_KEY, S3Server.SECRET_KEY)))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }

  private void upload(int version) throws IOException {
    Path directory = HalfPlusTwoCalls.directory().resolve("1");
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        String key = PREFIX + version + "/" + directory.relativize(file);
        client.putObject(r -> r.bucket(BUCKET).key(key), RequestBody.fromFile(file));
      }
    }
  }

  private void delete(int version) {
    client
        .listObjectsV2(r -> r.bucket(BUCKET).prefix(PREFIX + version + "/"))
        .contents()
        .forEach(object -> client.deleteObject(r -> r.bucket(BUCKET).key(object.key())));
  }

  private RunningServer serve() throws Exception {
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            models:
              - name: half_plus_two
                base_path: s3://%s/%s
            stores:
              cache: %s
              poll: 100ms
              quiet_period: 500ms
              s3:
                endpoint: %s
                region: us-east-1
            lifecycle: {quiet_period: 10ms}
            """
                .formatted(BUCKET, PREFIX, temporary.resolve("cache"), store.endpoint()));
    Map<String, String> credentials =
        Map.of(
            "AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY);
    return RunningServer.start(credentials, "--config=" + config);
  }

  private static String versions(RunningServer server) throws Exception {
    String status = server.rest().get("/v1/models/half_plus_two").body();
    StringBuilder available = new StringBuilder();
    for (var version :
        JsonParser.parseString(status).getAsJsonObject().getAsJsonArray("model_version_status")) {
      if (version.getAsJsonObject().get("state").getAsString().equals("AVAILABLE")) {
        available.append(version.getAsJsonObject().get("version").getAsString()).append(' ');
      }
    }
    return available.toString().strip();
  }

  private static void assertAnswers(RunningServer server) throws Exception {
    String answer =
        server.rest().post("/v1/models/half_plus_two:predict", HalfPlusTwoCalls.json(3)).body();
    assertThat(HalfPlusTwoCalls.problem(3, answer)).isEmpty();
  }

  @Test
  void versionsInABucketComeAndGoAndOutliveItsServer() throws Exception {
    upload(1);
    int port;
    try (RunningServer server = serve()) {
      port = store.port();
      assertThat(versions(server)).isEqualTo("1");
      assertAnswers(server);

      upload(2);
      Await.until("version 2", () -> versions(server).equals("2"));
      assertAnswers(server);

      delete(2);
      Await.until("version 1 again", () -> versions(server).equals("1"));
      assertAnswers(server);

      store.close();
      server.process().awaitLine("no connection");
      assertAnswers(server);
      assertThat(status(server)).contains("what was downloaded before is served: versions [1]");
    }
    // The store is still away: the next server has the cache.
    try (RunningServer server = serve()) {
      assertAnswers(server);
      store = S3Server.start(temporary, port);
      try (S3Client again = client(store)) {
        again.createBucket(r -> r.bucket(BUCKET));
      }
      upload(3);
      Await.until("version 3", () -> versions(server).equals("3"));
      assertAnswers(server);
    }
  }

  private static String status(RunningServer server) throws Exception {
    return server.rest().get("/v1/control/models/half_plus_two").body();
  }

  /** The requests of the page on stores, with a web server of the JDK's. */
  @Test
  void theListOfChecksumsThatThePageMakesIsServed() throws Exception {
    Path models = Files.createDirectories(temporary.resolve("www/half_plus_two"));
    ModelDirectories.copy(HalfPlusTwoCalls.directory(), models);
    Process made =
        new ProcessBuilder("sh", "-ec", checksumCommand())
            .directory(models.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(made.waitFor()).as(output).isZero();
    HttpServer web =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            models.getParent(),
            SimpleFileServer.OutputLevel.NONE);
    web.start();
    try {
      URI base = URI.create("http://127.0.0.1:" + web.getAddress().getPort() + "/half_plus_two");
      Path config =
          Files.writeString(
              temporary.resolve("web.yaml"),
              "models: [{name: half_plus_two, base_path: '"
                  + base
                  + "'}]\nstores: {cache: "
                  + temporary.resolve("web-cache")
                  + "}\n");
      try (RunningServer server = RunningServer.start("--config=" + config)) {
        assertThat(versions(server)).isEqualTo("1");
        assertAnswers(server);
      }
    } finally {
      web.stop(0);
    }
  }

  /** The command of the page. */
  private static String checksumCommand() throws IOException {
    String page = Files.readString(SalverProcess.root().resolve("docs/how-to/model-stores.md"));
    return page.lines()
        .filter(line -> line.contains("sha256sum") && line.startsWith("find "))
        .findFirst()
        .orElseThrow();
  }
}
