package io.salver.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A message in the protocol-buffers text format, read without its schema: fields in their order,
 * with the values as they are written. For the few files in this format that an engine has to look
 * into; what they mean is the reader's to know.
 *
 * <p>Immutable. Depth and number of fields are limited.
 */
public final class TextMessage {
  private final List<Field> fields;

  private TextMessage(List<Field> fields) {
    this.fields = List.copyOf(fields);
  }

  /** A value: a message, or the text of a number, a name or a string (unescaped). */
  private record Field(String name, Optional<TextMessage> message, String text) {}

  /**
   * Reads a whole file.
   *
   * @param maxFields of all messages in it together
   * @throws WireFormatException if it is not such a message, with the line; or is too deep or long
   */
  public static TextMessage parse(String text, int maxFields) {
    TextMessageParser parser = new TextMessageParser(text, maxFields);
    return parser.parse();
  }

  /** The messages that a field has been given, in order. */
  public List<TextMessage> messages(String name) {
    List<TextMessage> found = new ArrayList<>();
    for (Field field : fields) {
      if (field.name.equals(name)) {
        field.message.ifPresent(found::add);
      }
    }
    return found;
  }

  /** The values that a field has been given, in order. */
  public List<String> values(String name) {
    List<String> found = new ArrayList<>();
    for (Field field : fields) {
      if (field.name.equals(name) && field.message.isEmpty()) {
        found.add(field.text);
      }
    }
    return found;
  }

  /** The last value that a field has been given. */
  public Optional<String> value(String name) {
    List<String> found = values(name);
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getLast());
  }

  /** The last message that a field has been given. */
  public Optional<TextMessage> message(String name) {
    List<TextMessage> found = messages(name);
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getLast());
  }

  /** Whether there is no field. */
  public boolean isEmpty() {
    return fields.isEmpty();
  }

  /** Collects the fields of a message while it is read. */
  static final class Builder {
    private final List<Field> fields = new ArrayList<>();

    void add(String name, String text) {
      fields.add(new Field(name, Optional.empty(), text));
    }

    void add(String name, TextMessage message) {
      fields.add(new Field(name, Optional.of(message), ""));
    }

    TextMessage build() {
      return new TextMessage(fields);
    }
  }
}
