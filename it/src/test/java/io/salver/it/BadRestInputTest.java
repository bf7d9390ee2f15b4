package io.salver.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Bad requests by REST: each is answered with an error that says why, and the server lives on. */
class BadRestInputTest {
  private static final String PREDICT = "/v1/models/half_plus_two:predict";
  private static final int DEEP = 500_000;

  @TempDir static Path temporary;

  private static SmallServer small;

  @BeforeAll
  static void start() throws Exception {
    small = SmallServer.start(temporary);
  }

  @AfterAll
  static void stop() throws Exception {
    try (SmallServer closing = small) {
      closing.assertKeptNothing();
    }
  }

  @AfterEach
  void theServerLivesOn() throws Exception {
    small.assertServes();
  }

  /** A body, and what its error must be. */
  private record Bad(String name, String path, String body, int status, String error) {
    DynamicTest test() {
      return DynamicTest.dynamicTest(
          name,
          () -> {
            RestClient.Answer answer = small.server().rest().post(path, body);
            assertThat(answer.status()).as(answer.body()).isEqualTo(status);
            assertThat(answer.error()).contains(error);
            small.assertServes();
          });
    }
  }

  private static Bad body(String body, String error) {
    return new Bad(
        "body: " + body.substring(0, Math.min(body.length(), 60)), PREDICT, body, 400, error);
  }

  private static Bad path(String path, int status, String error) {
    return new Bad(path, path, HalfPlusTwoCalls.json(1), status, error);
  }

  @TestFactory
  Stream<DynamicTest> bodiesThatAreNotRequestsAreAnsweredWith400() {
    return Stream.of(
            body("", "JSON Parse error: The document is empty"),
            body("{\"instances\": [1.0", "JSON Parse error"),
            body("{\"instances\": [1.0}", "JSON Parse error"),
            body("{\"instances\": [1.0e]}", "JSON Parse error"),
            body("{\"instances\": [\"\\ud800\\q\"]}", "JSON Parse error"),
            body("nonsense", "JSON Parse error"),
            body("[1.0]", "Is not object"),
            body("{}", "Missing 'inputs' or 'instances' key"),
            body("{\"instances\": [1.0], \"inputs\": [1.0]}", "expecting only one of"),
            body("{\"instances\": 1.0}", "Expecting 'instances' to be an list/array"),
            body("{\"instances\": []}", "No values in 'instances' array"),
            body("{\"instances\": [\"one\"]}", "is not of expected type: float"),
            body("{\"instances\": [true]}", "is not of expected type: float"),
            body("{\"instances\": [null]}", "is not of expected type: float"),
            body("{\"instances\": [{\"z\": 1.0}]}", "z"),
            body("{\"inputs\": {\"z\": [1.0]}}", "Missing named input: x in 'inputs' object."),
            body("{\"instances\": [[1.0, 2.0], [3.0]]}", "Expecting"),
            body("{\"instances\": [1.0, [2.0]]}", "element: 1 of 'instances' list"),
            body("{\"inputs\": [[1.0, 2.0], [3.0]]}", "expected size: 2"),
            body("{\"instances\": [[1.0], [2.0]]}", "x"),
            body("{\"signature_name\": 7, \"instances\": [1.0]}", "signature_name"),
            body(
                "{\"signature_name\": \"none\", \"instances\": [1.0]}",
                "Serving signature name: \"none\" not found in signature def"))
        .map(Bad::test);
  }

  @TestFactory
  Stream<DynamicTest> pathsThatNameNothingAreAnsweredWithWhatIsMissing() {
    return Stream.of(
            path("/v1/models/none:predict", 404, "Servable not found for request: Latest(none)"),
            path(
                "/v1/models/half_plus_two/versions/99:predict",
                404,
                "Servable not found for request: Specific(half_plus_two, 99)"),
            path(
                "/v1/models/eta/labels/none:predict",
                400,
                "Unrecognized servable version label: none"),
            path("/v1/models/half_plus_two/versions/abc:predict", 400, "Malformed request: POST"),
            path("/v1/models/half_plus_two/versions/-1:predict", 400, "Malformed request: POST"),
            path(
                "/v1/models/half_plus_two/versions/99999999999999999999:predict",
                400,
                "Failed to convert version: 99999999999999999999 to numeric"),
            path("/v1/models/half_plus_two:divine", 400, "Malformed request: POST"),
            path("/v1/models/half_plus_two", 400, "Malformed request: POST"))
        .map(Bad::test);
  }

  @TestFactory
  Stream<DynamicTest> bodiesThatAreNestedDeeplyAreRefusedOrReadPast() {
    String lists = "[".repeat(DEEP);
    String objects = "{\"a\":".repeat(DEEP / 8);
    return Stream.of(
            new Bad("lists", PREDICT, lists, 400, ""),
            new Bad("rows", PREDICT, "{\"instances\": " + lists, 400, ""),
            new Bad("columns", PREDICT, "{\"inputs\": " + lists + "]".repeat(400_000), 400, ""),
            new Bad("objects", PREDICT, "{\"instances\": [" + objects, 400, ""),
            new Bad("an unknown key", PREDICT, "{\"unknown\": " + objects, 400, ""),
            new Bad(
                "examples", "/v1/models/half_plus_two:classify", "{\"examples\":" + lists, 400, ""))
        .map(Bad::test);
  }

  @Test
  void anUnknownKeyIsReadPastHoweverDeepItsValue() throws Exception {
    String deep = "[".repeat(DEEP) + "]".repeat(DEEP);
    RestClient.Answer answer =
        small.server().rest().post(PREDICT, "{\"unknown\": " + deep + ", \"instances\": [1.0]}");
    assertThat(HalfPlusTwoCalls.problem(1, answer.body())).isEmpty();
  }

  @Test
  void aBodyThatIsTooLargeIsRefusedBeforeItIsRead() throws Exception {
    for (String expect : new String[] {"", "Expect: 100-continue\r\n"}) {
      try (RawConnection connection = new RawConnection(small.server().restPort())) {
        connection.send(
            "POST "
                + PREDICT
                + " HTTP/1.1\r\nHost: localhost\r\n"
                + expect
                + "Content-Length: 1000000000\r\n\r\n");
        RawConnection.Answer answer = connection.read();
        assertThat(answer.status()).as(answer.body()).isEqualTo(413);
        assertThat(answer.body())
            .contains("1000000000", Integer.toString(SmallServer.LARGEST_REQUEST));
      }
    }
  }

  @Test
  void chunksThatAddUpToTooMuchAreRefused() throws Exception {
    try (RawConnection connection = new RawConnection(small.server().restPort())) {
      connection.send(
          "POST " + PREDICT + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
      byte[] chunk = ("10000\r\n" + " ".repeat(0x10000) + "\r\n").getBytes(US_ASCII);
      for (int sent = 0; sent <= SmallServer.LARGEST_REQUEST; sent += 0x10000) {
        connection.send(chunk);
      }
      assertThat(connection.read().status()).isEqualTo(413);
    }
  }

  @Test
  void aZippedBodyThatGrowsTooLargeIsRefused() throws Exception {
    RestClient.Answer answer = zipped(gzip(new byte[64 << 20]));
    assertThat(answer.status()).as(answer.body()).isEqualTo(413);
  }

  @Test
  void aBodyThatIsNotZippedAsItSaysIsRefused() throws Exception {
    assertThat(zipped(HalfPlusTwoCalls.json(1).getBytes(US_ASCII)).status()).isEqualTo(400);
    byte[] good = gzip(HalfPlusTwoCalls.json(1).getBytes(US_ASCII));
    assertThat(zipped(Arrays.copyOf(good, good.length - 6)).status()).isEqualTo(400);
    assertThat(zipped(good).status()).isEqualTo(200);
  }

  private static RestClient.Answer zipped(byte[] body) throws Exception {
    return small.server().rest().post(PREDICT, body, "Content-Encoding", "gzip");
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes);
    }
    return zipped.toByteArray();
  }

  @TestFactory
  Stream<DynamicTest> headsThatAreNotHttpAreNotAnsweredWithSuccess() {
    return Stream.of(
            "GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET / HTTP/9.9\r\n\r\n",
            "GET /\u0001 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
            "GET / HTTP/1.1\r\nLong: " + "x".repeat(200_000) + "\r\n\r\n",
            "GET /" + "x".repeat(200_000) + " HTTP/1.1\r\n\r\n",
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000 a TLS greeting\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthis is no frame of HTTP/2 at all......")
        .map(head ->
            DynamicTest.dynamicTest(
                head.substring(0, Math.min(40, head.length())),
                () -> {
                  try (RawConnection connection = new RawConnection(small.server().restPort())) {
                    connection.send(head);
                    connection.endOfRequests();
                    assertEndsWithoutSuccess(connection);
                  }
                  small.assertServes();
                }));
  }

  /** A reset counts as an end: what the server did not read is thrown away. */
  private static void assertEndsWithoutSuccess(RawConnection connection) {
    byte[] answer;
    try {
      answer = connection.readToEnd();
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the connection stays open", e);
    } catch (IOException reset) {
      return;
    }
    assertThat(new String(answer, US_ASCII)).doesNotStartWith("HTTP/1.1 2");
  }

  @Test
  void clientsThatVanishWithinARequestLeaveNothingBehind() throws Exception {
    long openFiles = small.server().openFiles();
    String request = RawConnection.post(PREDICT, HalfPlusTwoCalls.json(1));
    for (int length = 1; length <= request.length(); length++) {
      try (RawConnection connection = new RawConnection(small.server().restPort())) {
        connection.send(request.substring(0, length));
        connection.vanish();
      }
    }
    small.assertKeptNothing();
    Await.until(
        "connections closed", SmallServer.RECOVERY, () -> small.server().openFiles() <= openFiles);
  }

  @Test
  void aClientThatSendsByteByByteIsAnswered() throws Exception {
    try (RawConnection connection = new RawConnection(small.server().restPort())) {
      for (byte b : RawConnection.post(PREDICT, HalfPlusTwoCalls.json(5)).getBytes(US_ASCII)) {
        connection.send(new byte[] {b});
      }
      assertThat(HalfPlusTwoCalls.problem(5, connection.read().body())).isEmpty();
    }
  }
}
