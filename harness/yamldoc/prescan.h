/* The look at a document's octets before YAML sees them, so that lines count the same for everybody. Private to yamldoc. */
#ifndef YAMLDOC_PRESCAN_H
#define YAMLDOC_PRESCAN_H

#include "yamldoc/document.h"

/*
 * Finds the line starts of document->text and refuses octets that no line of these files holds: NUL and other controls
 * (TAB is YAML's to judge), CR that no LF follows, the Unicode line ends that only YAML counts as such, a byte order
 * mark, and what is not UTF-8.
 */
bool prescan_document(struct document *document, struct error *error);

#endif
