package io.salver.server.clipper;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.netty.buffer.ByteBuf;
import io.salver.routing.JoinListener;
import io.salver.server.http.ExtraHeaders;
import io.salver.server.http.ForwardingExchange;
import io.salver.server.http.HttpExchange;
import io.salver.server.inference.RoutedHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of one request, each asked for by itself, as Clipper does: so each has its own
 * default, and feedback of its own. Answers when the last of them has been answered, or the first
 * has failed. Confined to the exchange's loop.
 */
final class ClipperQueries {
  private static final String EXPLANATION =
      "The models failed, were late or did not agree enough: the endpoint's default answered";

  private final HttpExchange exchange;
  private final AtomicLong queries;
  private final @Nullable JsonObject[] answers;
  private final List<Runnable> onAbandoned = new ArrayList<>();
  private final List<Runnable> onLate = new ArrayList<>();
  private int left;
  private boolean answered;

  /**
   * Nothing has been asked yet.
   *
   * @param queries counts all queries of the server
   */
  ClipperQueries(HttpExchange exchange, int count, AtomicLong queries) {
    this.exchange = exchange;
    this.queries = queries;
    this.answers = new JsonObject[count];
    this.left = count;
    exchange.onAbandoned(() -> onAbandoned.forEach(Runnable::run));
  }

  /** One input, as a request of another protocol. */
  HttpExchange query(int index, String path, byte[] body, String joinKey) {
    return new Query(index, path, body, joinKey);
  }

  private final class Query extends ForwardingExchange {
    private final int index;
    private final String path;
    private final byte[] body;
    private final String joinKey;
    private ExtraHeaders headers = new ExtraHeaders();

    Query(int index, String path, byte[] body, String joinKey) {
      super(exchange);
      this.index = index;
      this.path = path;
      this.body = body;
      this.joinKey = joinKey;
    }

    @Override
    public String path() {
      return path;
    }

    @Override
    public @Nullable String header(String lowerCaseName) {
      return lowerCaseName.equals(JoinListener.HEADER) ? joinKey : super.header(lowerCaseName);
    }

    @Override
    public byte[] body() {
      return body;
    }

    @Override
    public int bodyLength() {
      return body.length;
    }

    @Override
    public void onAbandoned(Runnable action) {
      onAbandoned.add(action);
    }

    /** All of them have the same deadline. */
    @Override
    public void expireAt(long deadlineNs, Runnable late) {
      if (onLate.isEmpty()) {
        exchange.expireAt(deadlineNs, () -> List.copyOf(onLate).forEach(Runnable::run));
      }
      onLate.add(late);
    }

    @Override
    public void addHeaders(ExtraHeaders extra) {
      headers = extra;
    }

    @Override
    public void respond(int status, String contentType, Map<String, String> more, ByteBuf said) {
      String text = said.toString(StandardCharsets.UTF_8);
      said.release();
      answer(index, status, headers, text);
    }
  }

  private void answer(int index, int status, ExtraHeaders more, String text) {
    if (answered) {
      return;
    }
    if (status != 200) {
      answered = true;
      ClipperAnswers.send(exchange, status, ClipperAnswers.notProcessed(cause(text)));
      return;
    }
    boolean isDefault = more.contains(RoutedHeaders.DEFAULT);
    JsonObject json = new JsonObject();
    json.addProperty("query_id", queries.getAndIncrement());
    json.add(
        "output",
        JsonParser.parseString(text).getAsJsonObject().getAsJsonArray("predictions").get(0));
    json.addProperty("default", isDefault);
    if (isDefault) {
      json.addProperty("default_explanation", EXPLANATION);
    }
    answers[index] = json;
    if (--left == 0) {
      answered = true;
      if (answers.length == 1) {
        exchange.addHeaders(more);
      }
      send();
    }
  }

  private static String cause(String text) {
    try {
      JsonElement error = JsonParser.parseString(text).getAsJsonObject().get("error");
      return error == null ? text : error.getAsString();
    } catch (JsonParseException | IllegalStateException e) {
      return text;
    }
  }

  /** A batch of one is answered as one. */
  private void send() {
    if (answers.length == 1) {
      ClipperAnswers.send(exchange, 200, String.valueOf(answers[0]));
      return;
    }
    JsonArray all = new JsonArray();
    for (JsonObject each : answers) {
      all.add(each);
    }
    JsonObject json = new JsonObject();
    json.add("batch_predictions", all);
    ClipperAnswers.send(exchange, 200, json.toString());
  }
}
