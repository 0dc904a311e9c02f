"""Opens a document in LibreOffice, adds a paragraph, saves it in place: edit-document.py PIPE PATH TEXT. Tells what lies in the folder meanwhile."""

import os
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.lang import DisposedException


def connect(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(1_000):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:  # It is starting.
            time.sleep(0.2)
    sys.exit("LibreOffice does not answer")


def main():
    pipe, path, text = sys.argv[1:]
    context = connect(pipe)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    hidden = PropertyValue(Name="Hidden", Value=True)
    document = desktop.loadComponentFromURL(uno.systemPathToFileUrl(os.path.abspath(path)), "_blank", 0, (hidden,))
    print("open:", *sorted(os.listdir(".")), "read only" if document.isReadonly() else "to be changed")
    document.Text.insertString(document.Text.getEnd(), text, False)
    document.store()
    print("saved:", *sorted(os.listdir(".")), "not yet" if document.isModified() else "all")
    document.close(True)
    print("closed:", *sorted(os.listdir(".")))
    try:
        desktop.terminate()
    except DisposedException:  # It ends before it answers.
        pass


main()
