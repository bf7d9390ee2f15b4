package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads XML into elements. Document types, and with them entities of one's own and external ones,
 * are refused; so are files with too many or too deeply nested elements.
 */
final class XmlReader {
  /** Deep enough for trees; what walks elements calls itself for each level. */
  static final int MAX_DEPTH = 1024;

  static final int MAX_ELEMENTS = 20_000_000;

  /** The JDK's own limit, of 100, is too low for trees. */
  private static final String DEPTH_LIMIT = "jdk.xml.maxElementDepth";

  private final XMLStreamReader reader;
  private final Deque<Element> open = new ArrayDeque<>();

  /** Values that come again and again, such as the names of fields. */
  private final Map<String, String> known = new HashMap<>();

  private int count;

  private XmlReader(XMLStreamReader reader) {
    this.reader = reader;
  }

  /**
   * The document's element.
   *
   * @throws ModelLoadException if it is no XML, or passes a limit; the message names the line
   */
  static Element read(InputStream in) throws ModelLoadException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, true);
    factory.setProperty(DEPTH_LIMIT, MAX_DEPTH + 1);
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(in);
      try {
        return new XmlReader(reader).readRoot();
      } finally {
        reader.close();
      }
    } catch (XMLStreamException e) {
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      throw new ModelLoadException("XML: " + message.replaceAll("\\s+", " "), e);
    }
  }

  private Element readRoot() throws XMLStreamException, ModelLoadException {
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.DTD -> throw wrong("a document type (expected: none)");
        case XMLStreamConstants.ENTITY_REFERENCE ->
            throw wrong("an entity " + reader.getLocalName() + " (expected: none)");
        case XMLStreamConstants.START_ELEMENT -> begin();
        case XMLStreamConstants.END_ELEMENT -> {
          Element ended = open.pop();
          if (open.isEmpty()) {
            return ended;
          }
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          if (!reader.isWhiteSpace() && !open.isEmpty()) {
            open.element().append(reader.getText());
          }
        }
        default -> {
          // Comments and processing instructions say nothing of the model.
        }
      }
    }
    throw wrong("no element (expected: one)");
  }

  private void begin() throws ModelLoadException {
    if (++count > MAX_ELEMENTS) {
      throw wrong("more than " + MAX_ELEMENTS + " elements");
    }
    if (open.size() >= MAX_DEPTH) {
      throw wrong("elements nested deeper than " + MAX_DEPTH);
    }
    String[] attributes = new String[2 * reader.getAttributeCount()];
    for (int i = 0; i < attributes.length; i += 2) {
      attributes[i] = reader.getAttributeLocalName(i / 2);
      attributes[i + 1] = shared(reader.getAttributeValue(i / 2));
    }
    Element element =
        new Element(reader.getLocalName(), reader.getLocation().getLineNumber(), attributes);
    if (!open.isEmpty()) {
      open.element().add(element);
    }
    open.push(element);
  }

  private String shared(String value) {
    String first = known.putIfAbsent(value, value);
    return first == null ? value : first;
  }

  private ModelLoadException wrong(String message) {
    return new ModelLoadException("line " + reader.getLocation().getLineNumber() + ": " + message);
  }
}
